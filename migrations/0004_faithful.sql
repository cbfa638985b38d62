-- The stored versions that a job is made from, each with what the recipe asked for and what that was resolved to.
-- NULL for jobs of releases before this one.
ALTER TABLE jobs ADD COLUMN sources jsonb;
