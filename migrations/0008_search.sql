-- What is searched: the latest version of each chart, kept right by whatever writes versions.

CREATE TABLE chart_search (
  chart_id   bigint PRIMARY KEY REFERENCES charts ON DELETE CASCADE,
  space      text COLLATE "C" NOT NULL,
  chart      text COLLATE "C" NOT NULL,
  -- The latest version; the trigger below sees to it, so it is no foreign key.
  version_id bigint NOT NULL,
  -- Words of the name (A), of the keywords (B) and of the description (C); and the space's id behind a slash, which is in no word.
  document   tsvector NOT NULL
);
-- Without a list of what is still to be put in, which every search would have to read.
CREATE INDEX chart_search_by_word ON chart_search USING gin (document) WITH (fastupdate = off);
CREATE INDEX chart_search_by_name ON chart_search (lower(chart));

-- Words end at ASCII punctuation, wherever PostgreSQL's own parser would see a path or a host; core/registry/search.ts reads
-- what is searched for in the same way. Long texts are cut, for a tsvector has a limit.
CREATE FUNCTION search_words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT to_tsvector('simple', translate(left(coalesce(given, ''), 10000),
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '))
$$;

CREATE FUNCTION search_document(space_id bigint, chart text, metadata jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT setweight(search_words(chart), 'A')
      || setweight(search_words(CASE WHEN jsonb_typeof(metadata -> 'keywords') = 'array' THEN
           (SELECT string_agg(word, ' ') FROM jsonb_array_elements_text(metadata -> 'keywords') word) END), 'B')
      || setweight(search_words(metadata ->> 'description'), 'C')
      || ('''/' || space_id || '''')::tsvector
$$;

-- Who comes here holds the rows of the charts before it looks for their latest versions, so of two that write versions of one
-- chart at once the second sees what the first has committed.
CREATE FUNCTION search_refresh(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM charts WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO chart_search (chart_id, space, chart, version_id, document)
  SELECT c.id, s.name, c.name, v.id, search_document(s.id, c.name, v.metadata)
    FROM charts c JOIN spaces s ON s.id = c.space_id
         CROSS JOIN LATERAL (
           SELECT id, metadata FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1
         ) v
   WHERE c.id = ANY (ids)
  ON CONFLICT (chart_id) DO UPDATE SET version_id = excluded.version_id, document = excluded.document
   WHERE chart_search.version_id <> excluded.version_id OR chart_search.document <> excluded.document;
END
$$;

CREATE FUNCTION search_follow_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT DISTINCT chart_id FROM written));
  RETURN NULL;
END
$$;
CREATE TRIGGER versions_added_to_search AFTER INSERT ON versions
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_follow_rows();
CREATE TRIGGER versions_deleted_from_search AFTER DELETE ON versions
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_follow_rows();

CREATE FUNCTION search_follow_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY[NEW.chart_id]);
  RETURN NULL;
END
$$;
CREATE TRIGGER version_rewritten_in_search AFTER UPDATE OF metadata ON versions
  FOR EACH ROW WHEN (OLD.metadata IS DISTINCT FROM NEW.metadata) EXECUTE FUNCTION search_follow_row();

-- Those that are stored already.
SELECT search_refresh(ARRAY(SELECT id FROM charts));
