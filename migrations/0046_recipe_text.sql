-- Recipe in the order of its keys in which it was sent; jsonb sorts them. NULL for recipes of releases before.
-- `recipe` stays beside it: it is what is compared and searched.
ALTER TABLE jobs ADD COLUMN recipe_text text;
ALTER TABLE lineage ADD COLUMN recipe_text text;
