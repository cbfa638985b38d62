-- Warnings of a recipe, found when it is accepted; NULL where there are none, and for jobs of releases before.
ALTER TABLE jobs ADD COLUMN warnings jsonb;
ALTER TABLE lineage ADD COLUMN warnings jsonb;
