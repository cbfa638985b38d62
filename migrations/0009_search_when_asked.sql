-- A write only notes which chart it concerns; what is searched is brought up to date by whoever searches next, or by the
-- sweep. Most versions are written between two searches, many of them of one chart.

CREATE TABLE search_pending (
  -- One for each write, and never changed: writers that shared one would have to wait for one another.
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- No foreign key: the chart may be gone when it is looked at.
  chart_id bigint NOT NULL
);

DROP TRIGGER versions_added_to_search ON versions;
DROP TRIGGER versions_deleted_from_search ON versions;
DROP TRIGGER version_rewritten_in_search ON versions;
DROP FUNCTION search_follow_rows();
DROP FUNCTION search_follow_row();
DROP FUNCTION search_refresh(bigint[]);
-- Called for each chart it would be planned for each; its words are put together below instead.
DROP FUNCTION search_document(bigint, text, jsonb);
-- A search looks the latest version up itself, so that it never shows one that is gone.
ALTER TABLE chart_search DROP COLUMN version_id;

CREATE FUNCTION search_note_charts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_pending (chart_id) SELECT DISTINCT chart_id FROM written;
  RETURN NULL;
END
$$;
CREATE TRIGGER versions_added_to_search AFTER INSERT ON versions
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_note_charts();
CREATE TRIGGER versions_deleted_from_search AFTER DELETE ON versions
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_note_charts();

CREATE FUNCTION search_note_chart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_pending (chart_id) VALUES (NEW.chart_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER version_rewritten_in_search AFTER UPDATE OF metadata ON versions
  FOR EACH ROW WHEN (OLD.metadata IS DISTINCT FROM NEW.metadata) EXECUTE FUNCTION search_note_chart();

-- Words are put in many at a time, which writes a tenth of the log; below, nothing is left for searches to read.
ALTER INDEX chart_search_by_word SET (fastupdate = on);

-- Brings up to date what is searched of the charts of so many entries after one, and gives the last entry that it looked at,
-- or NULL when there are no more. Each statement in it sees what was committed before it, so an entry goes only once that
-- what it was written for has been seen. Of two at once the second waits: to the client it is one statement, which
-- PostgreSQL ends whatever becomes of the client. Otherwise it waits for nobody: charts that are being deleted are left, with
-- their entries, to the next one.
CREATE FUNCTION search_catch_up(after bigint, most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  seen bigint[];
  noted bigint[];
  held bigint[];
BEGIN
  -- With a space, as no resource that writers lock is called.
  PERFORM pg_advisory_xact_lock(hashtextextended('search catch-up', 0));
  SELECT array_agg(id ORDER BY id), array_agg(DISTINCT chart_id) INTO seen, noted
    FROM (SELECT id, chart_id FROM search_pending WHERE id > after ORDER BY id LIMIT most) first;
  held := ARRAY(SELECT id FROM charts WHERE id = ANY (noted) FOR KEY SHARE SKIP LOCKED);
  INSERT INTO chart_search (chart_id, space, chart, document)
  SELECT c.id, s.name, c.name,
         setweight(search_words(c.name), 'A')
         || setweight(search_words(CASE WHEN jsonb_typeof(v.metadata -> 'keywords') = 'array' THEN
              (SELECT string_agg(word, ' ') FROM jsonb_array_elements_text(v.metadata -> 'keywords') word) END), 'B')
         || setweight(search_words(v.metadata ->> 'description'), 'C')
         || ('''/' || s.id || '''')::tsvector
    FROM charts c JOIN spaces s ON s.id = c.space_id
         CROSS JOIN LATERAL (
           SELECT metadata FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1
         ) v
   WHERE c.id = ANY (held)
  ON CONFLICT (chart_id) DO UPDATE SET document = excluded.document
   WHERE chart_search.document <> excluded.document;
  PERFORM gin_clean_pending_list('chart_search_by_word');
  DELETE FROM search_pending p WHERE id = ANY (seen)
     AND (chart_id = ANY (held) OR NOT EXISTS (SELECT FROM charts c WHERE c.id = p.chart_id));
  RETURN seen[most];
END
$$;
