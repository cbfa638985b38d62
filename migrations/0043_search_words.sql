-- Words of the names and keywords, in order, by which a search tells a typing error from a word.

CREATE TABLE search_words (
  word     text COLLATE "C" NOT NULL,
  -- A word goes with the last chart that has it, without a count that writers would wait for.
  chart_id bigint NOT NULL REFERENCES chart_search ON DELETE CASCADE,
  space    text COLLATE "C" NOT NULL,
  -- With the space, so that counting the charts of a word reads the index alone.
  PRIMARY KEY (word, chart_id) INCLUDE (space)
);
CREATE INDEX search_words_by_chart ON search_words (chart_id);

-- Words that one may mistype: numbers, and words that are too short or longer than any name, are none.
CREATE FUNCTION search_typed_words(document tsvector) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
  SELECT lexeme FROM unnest(document)
   WHERE weights && ARRAY['A', 'B'] AND length(lexeme) BETWEEN 3 AND 60 AND lexeme !~ '^[0-9]+$'
$$;

CREATE FUNCTION search_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_words w USING written
   WHERE w.chart_id = written.chart_id AND w.word NOT IN (SELECT search_typed_words(written.document));
  INSERT INTO search_words (word, chart_id, space)
  SELECT word, chart_id, space FROM written CROSS JOIN LATERAL search_typed_words(document) word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER words_of_added_chart AFTER INSERT ON chart_search
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_keep_words();
CREATE TRIGGER words_of_rewritten_chart AFTER UPDATE ON chart_search
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_keep_words();

-- Those that are stored already.
INSERT INTO search_words (word, chart_id, space)
SELECT word, chart_id, space FROM chart_search CROSS JOIN LATERAL search_typed_words(document) word;
