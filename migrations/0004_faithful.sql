-- The stored versions that a job is made from, each with what the recipe asked for and what that was resolved to.
-- NULL for jobs of releases before this one.
ALTER TABLE jobs ADD COLUMN sources jsonb;

-- What a recipe's values are checked with: declared dependencies, values and schemas of the chart and those inside it, as
-- JSON (core/chart/outline.ts). NULL is not known yet: it is made from the archive when it is first needed.
ALTER TABLE versions ADD COLUMN outline text;
