-- Spaces of `save.from`, whose names are shown to those alone who may read them; recipes may have megabytes, and lists of
-- jobs read none of them.
ALTER TABLE jobs ADD COLUMN from_spaces jsonb GENERATED ALWAYS AS (recipe #> '{save,from}') STORED;
