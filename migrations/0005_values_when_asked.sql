-- Coalesced values are as long as all values.yaml of a chart together. NULL is not known yet: they are made from the archive
-- when they are first asked for, since most composed versions are installed and never asked.
ALTER TABLE versions ALTER COLUMN values DROP NOT NULL;
