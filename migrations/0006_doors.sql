-- What a chart repository, a registry of OCI artifacts and ChartMuseum's interface need to know of spaces and versions.

-- Whether a version that is there may be replaced, rewritten or deleted.
ALTER TABLE spaces ADD COLUMN overwriting text NOT NULL DEFAULT 'mutable'
  CHECK (overwriting IN ('mutable', 'immutable'));
-- When the revision went up. With it, a database that was restored from yesterday never tells two states by one name.
ALTER TABLE spaces ADD COLUMN changed_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- Which version each revision of a space added, changed or took away; a chart with all its versions where `version` is NULL.
-- What is known as of one revision is brought up to date from here. Old rows are dropped: whoever misses one begins anew.
CREATE TABLE changes (
  space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  revision bigint NOT NULL,
  chart    text COLLATE "C" NOT NULL,
  version  text COLLATE "C",
  PRIMARY KEY (space_id, revision)
);

-- The provenance file of the archive as it is now; NULL for none.
ALTER TABLE versions ADD COLUMN provenance text CHECK (provenance ~ '^sha256:[0-9a-f]{64}$');
ALTER TABLE versions ADD COLUMN provenance_size bigint CHECK (provenance_size > 0);
ALTER TABLE versions ADD CHECK ((provenance IS NULL) = (provenance_size IS NULL));
CREATE INDEX versions_by_provenance ON versions (provenance) WHERE provenance IS NOT NULL;

-- Every blob that rows name for as long as they are there. Who asks whether a blob is named asks here.
CREATE VIEW named_blobs (digest, size, what) AS
  SELECT digest, size, 'archive' FROM versions
  UNION ALL
  SELECT provenance, provenance_size, 'provenance' FROM versions WHERE provenance IS NOT NULL;

CREATE OR REPLACE FUNCTION write_down_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest)
  SELECT digest FROM gone UNION SELECT provenance FROM gone WHERE provenance IS NOT NULL;
  RETURN NULL;
END
$$;

CREATE FUNCTION write_down_provenance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) VALUES (OLD.provenance);
  RETURN NULL;
END
$$;

CREATE TRIGGER provenance_replaced AFTER UPDATE OF provenance ON versions
  FOR EACH ROW WHEN (OLD.provenance IS NOT NULL AND OLD.provenance IS DISTINCT FROM NEW.provenance)
  EXECUTE FUNCTION write_down_provenance();

-- The version in the index of its chart repository, as JSON: the fields of Chart.yaml that Helm knows, since Helm refuses
-- an index with any other, where it is (`urls`), since when (`created`) and its digest. See core/chart/index-entry.ts.
ALTER TABLE versions ADD COLUMN entry text;

-- Those that are stored already. Where the outline is not known, neither is what the chart declares: `metadata` has what is
-- inside it.
CREATE FUNCTION pg_temp.keep_keys(item jsonb, keys text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(item)
   WHERE key = ANY (keys) AND value <> 'null'
$$;
CREATE FUNCTION pg_temp.keep_keys_of_all(items jsonb, keys text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(pg_temp.keep_keys(item, keys) ORDER BY number)
    FROM jsonb_array_elements(items) WITH ORDINALITY AS listed (item, number)
$$;
UPDATE versions v SET entry = (
  pg_temp.keep_keys(v.metadata, ARRAY['name', 'home', 'sources', 'version', 'description', 'keywords', 'icon', 'apiVersion',
    'condition', 'tags', 'appVersion', 'deprecated', 'annotations', 'kubeVersion', 'type'])
  || CASE WHEN jsonb_typeof(v.metadata -> 'maintainers') = 'array' THEN jsonb_strip_nulls(jsonb_build_object('maintainers',
       pg_temp.keep_keys_of_all(v.metadata -> 'maintainers', ARRAY['name', 'email', 'url']))) ELSE '{}' END
  || CASE WHEN v.outline IS NOT NULL AND v.outline::json -> 'dependencies' IS NOT NULL THEN
       jsonb_build_object('dependencies', pg_temp.keep_keys_of_all(
         replace((v.outline::json -> 'dependencies')::text, '\u0000', '\ufffd')::jsonb,
         ARRAY['name', 'version', 'repository', 'condition', 'tags', 'enabled', 'import-values', 'alias'])) ELSE '{}' END
  || jsonb_build_object(
       'urls', jsonb_build_array('charts/' || c.name || '-' || v.version || '.tgz'),
       'created', to_char(v.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       'digest', substr(v.digest, 8))
)::text FROM charts c WHERE c.id = v.chart_id;
ALTER TABLE versions ALTER COLUMN entry SET NOT NULL;
