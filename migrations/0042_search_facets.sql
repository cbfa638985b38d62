-- Searches are narrowed by fields of the latest version, and count its values.

ALTER TABLE chart_search
  -- In lower case, each once: at most 50 of at most 100 characters.
  ADD COLUMN keywords   text[] COLLATE "C" NOT NULL DEFAULT '{}',
  ADD COLUMN type       text COLLATE "C" NOT NULL DEFAULT 'application',
  ADD COLUMN deprecated boolean NOT NULL DEFAULT false,
  ADD COLUMN signed     boolean NOT NULL DEFAULT false;
-- Charts of the spaces that a reader may read, where nothing else narrows a search.
CREATE INDEX chart_search_by_space ON chart_search (space, chart);

-- When a version of the chart was last stored. Apart from the words, which most new versions leave as they are.
CREATE TABLE search_updates (
  chart_id   bigint PRIMARY KEY REFERENCES chart_search ON DELETE CASCADE,
  updated_at timestamptz NOT NULL
);
CREATE INDEX search_updates_in_order ON search_updates (updated_at, chart_id);
CREATE INDEX IF NOT EXISTS versions_by_update ON versions (chart_id, updated_at);

DROP TRIGGER version_rewritten_in_search ON versions;
CREATE TRIGGER version_rewritten_in_search AFTER UPDATE OF metadata, provenance, updated_at ON versions
  FOR EACH ROW WHEN (OLD.metadata IS DISTINCT FROM NEW.metadata OR OLD.provenance IS DISTINCT FROM NEW.provenance
                     OR OLD.updated_at <> NEW.updated_at)
  EXECUTE FUNCTION search_note_chart();

-- Whether a version has a provenance file, or a signature of cosign beside its manifest: a referrer, or a tag named after the
-- digest. It is planned once for each connection.
CREATE FUNCTION search_signed(given_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM versions v WHERE v.id = given_id AND (v.provenance IS NOT NULL OR EXISTS (
      SELECT FROM oci_chart_manifests l JOIN oci_manifests m ON m.id = l.manifest_id
       WHERE l.version_id = v.id AND l.archive = v.digest AND l.provenance IS NULL
         AND (EXISTS (SELECT FROM oci_manifests s
                       WHERE s.repository_id = m.repository_id AND s.subject = m.digest
                         AND (s.artifact_type LIKE 'application/vnd.dev.cosign.%' OR s.artifact_type LIKE 'application/vnd.dev.sigstore.bundle%'))
              OR EXISTS (SELECT FROM oci_tags t
                          WHERE t.repository_id = m.repository_id AND t.name = replace(m.digest, ':', '-') || '.sig')))));
END
$$;

-- A signature writes no version. Whether it is of one, and of the latest, is looked at when searches catch up.
CREATE FUNCTION search_note_repository() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_pending (chart_id)
  SELECT c.id FROM oci_repositories r JOIN charts c ON c.space_id = r.space_id AND c.name = r.name
   WHERE r.id = coalesce(NEW.repository_id, OLD.repository_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER referrer_added_to_search AFTER INSERT ON oci_manifests
  FOR EACH ROW WHEN (NEW.subject IS NOT NULL) EXECUTE FUNCTION search_note_repository();
CREATE TRIGGER referrer_deleted_from_search AFTER DELETE ON oci_manifests
  FOR EACH ROW WHEN (OLD.subject IS NOT NULL) EXECUTE FUNCTION search_note_repository();
CREATE TRIGGER signature_added_to_search AFTER INSERT ON oci_tags
  FOR EACH ROW WHEN (NEW.name LIKE 'sha256-%.sig') EXECUTE FUNCTION search_note_repository();
CREATE TRIGGER signature_deleted_from_search AFTER DELETE ON oci_tags
  FOR EACH ROW WHEN (OLD.name LIKE 'sha256-%.sig') EXECUTE FUNCTION search_note_repository();

-- A signature may be there before its manifest is that of a version.
CREATE FUNCTION search_note_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_pending (chart_id)
  SELECT v.chart_id FROM versions v WHERE v.id = NEW.version_id AND search_signed(v.id);
  RETURN NULL;
END
$$;
CREATE TRIGGER manifest_added_to_search AFTER INSERT OR UPDATE ON oci_chart_manifests
  FOR EACH ROW EXECUTE FUNCTION search_note_manifest();

-- A field with its value, as a word that no text has; the document has one for each.
CREATE FUNCTION search_field(field text, value text) RETURNS tsquery LANGUAGE sql STABLE AS $$
  SELECT ('''' || replace(replace('/' || field || ':' || lower(value), '\', '\\'), '''', '''''') || '''')::tsquery
$$;

-- As in migration 0009, with the fields.
CREATE OR REPLACE FUNCTION search_catch_up(after bigint, most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  seen bigint[];
  noted bigint[];
  held bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('search catch-up', 0));
  SELECT array_agg(id ORDER BY id), array_agg(DISTINCT chart_id) INTO seen, noted
    FROM (SELECT id, chart_id FROM search_pending WHERE id > after ORDER BY id LIMIT most) first;
  held := ARRAY(SELECT id FROM charts WHERE id = ANY (noted) FOR KEY SHARE SKIP LOCKED);
  INSERT INTO chart_search (chart_id, space, chart, document, keywords, type, deprecated, signed)
  SELECT c.id, s.name, c.name,
         setweight(search_words(c.name), 'A') || setweight(search_words(k.text), 'B')
         || setweight(search_words(v.metadata ->> 'description'), 'C')
         || array_to_tsvector(ARRAY['/' || s.id, '/type:' || lower(f.type), '/deprecated:' || f.deprecated, '/signed:' || v.signed]
                              || ARRAY(SELECT '/keyword:' || word FROM unnest(k.words) word)),
         k.words, f.type, f.deprecated, v.signed
    FROM charts c JOIN spaces s ON s.id = c.space_id
         CROSS JOIN LATERAL (
           SELECT metadata, search_signed(id) AS signed
             FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1
         ) v
         CROSS JOIN LATERAL (
           SELECT coalesce(nullif(left(v.metadata ->> 'type', 100), ''), 'application') AS type,
                  coalesce(v.metadata -> 'deprecated' = 'true', false) AS deprecated
         ) f
         CROSS JOIN LATERAL (
           SELECT string_agg(given, ' ' ORDER BY number) AS text,
                  (coalesce(array_agg(DISTINCT word COLLATE "C") FILTER (WHERE word <> '' AND length(word) <= 100), '{}'))[:50] AS words
             FROM (SELECT given, number, lower(btrim(given)) AS word
                     FROM jsonb_array_elements_text(
                            CASE WHEN jsonb_typeof(v.metadata -> 'keywords') = 'array' THEN v.metadata -> 'keywords' ELSE '[]' END
                          ) WITH ORDINALITY AS listed (given, number)) keyword
         ) k
   WHERE c.id = ANY (held)
  ON CONFLICT (chart_id) DO UPDATE
    SET document = excluded.document, keywords = excluded.keywords, type = excluded.type,
        deprecated = excluded.deprecated, signed = excluded.signed
   WHERE (chart_search.document, chart_search.keywords, chart_search.type, chart_search.deprecated, chart_search.signed)
      <> (excluded.document, excluded.keywords, excluded.type, excluded.deprecated, excluded.signed);
  INSERT INTO search_updates (chart_id, updated_at)
  SELECT chart_id, (SELECT max(v.updated_at) FROM versions v WHERE v.chart_id = chart_search.chart_id)
    FROM chart_search WHERE chart_id = ANY (held) AND EXISTS (SELECT FROM versions v WHERE v.chart_id = chart_search.chart_id)
  ON CONFLICT (chart_id) DO UPDATE SET updated_at = excluded.updated_at
   WHERE search_updates.updated_at <> excluded.updated_at;
  PERFORM gin_clean_pending_list('chart_search_by_word');
  DELETE FROM search_pending p WHERE id = ANY (seen)
     AND (chart_id = ANY (held) OR NOT EXISTS (SELECT FROM charts c WHERE c.id = p.chart_id));
  RETURN seen[most];
END
$$;

-- Those that are stored already.
INSERT INTO search_pending (chart_id) SELECT id FROM charts;
DO $$
DECLARE
  after bigint := 0;
BEGIN
  WHILE after IS NOT NULL LOOP
    after := search_catch_up(after, 1000);
  END LOOP;
END
$$;
