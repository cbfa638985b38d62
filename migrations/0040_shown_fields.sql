-- What lists show of a version, and of a space.

-- Fields of Chart.yaml that a row shows, cut to what fits a row. Metadata has the whole tree of subcharts beside them, and
-- may have megabytes.
CREATE FUNCTION shown_fields(metadata jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
           'description', CASE WHEN jsonb_typeof(description) = 'string' THEN left(description #>> '{}', 4096) END,
           'appVersion', CASE WHEN jsonb_typeof(app) IN ('string', 'number') THEN left(app #>> '{}', 200) END,
           'kubeVersion', CASE WHEN jsonb_typeof(kube) = 'string' THEN left(kube #>> '{}', 200) END,
           'type', CASE WHEN jsonb_typeof(kind) = 'string' AND kind <> '""' THEN left(kind #>> '{}', 100) ELSE 'application' END,
           'deprecated', coalesce(deprecated = 'true', false),
           'icon', coalesce(jsonb_typeof(icon) = 'string' AND icon <> '""', false),
           'keywords', (
             SELECT coalesce(jsonb_agg(left(word #>> '{}', 100) ORDER BY number), '[]')
               FROM jsonb_array_elements(CASE WHEN jsonb_typeof(keywords) = 'array' THEN keywords ELSE '[]' END)
                    WITH ORDINALITY AS listed (word, number)
              WHERE number <= 50 AND jsonb_typeof(word) = 'string')))
    FROM (VALUES (metadata -> 'description', metadata -> 'appVersion', metadata -> 'kubeVersion', metadata -> 'type',
                  metadata -> 'deprecated', metadata -> 'icon', metadata -> 'keywords'))
         AS field (description, app, kube, kind, deprecated, icon, keywords)
$$;

ALTER TABLE versions ADD COLUMN shown jsonb NOT NULL GENERATED ALWAYS AS (shown_fields(metadata)) STORED;

-- The order of creation, and the first and the last change of a chart.
CREATE INDEX versions_by_creation ON versions (chart_id, created_at, id);
CREATE INDEX IF NOT EXISTS versions_by_update ON versions (chart_id, updated_at);

-- Bytes of the archives of all versions, counted as rows are written.
ALTER TABLE spaces ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
UPDATE spaces s SET bytes = stored.bytes
  FROM (SELECT c.space_id, sum(v.size) AS bytes FROM versions v JOIN charts c ON c.id = v.chart_id GROUP BY c.space_id) stored
 WHERE s.id = stored.space_id;
