-- Names of followed charts with their follows, so that lists of follows read an index in the order that they show.

-- Neither a space nor a chart is ever renamed. A trigger writes them, so that programs of before keep them too.
ALTER TABLE follows ADD COLUMN space text COLLATE "C", ADD COLUMN chart text COLLATE "C";

CREATE FUNCTION name_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT s.name, c.name INTO NEW.space, NEW.chart
    FROM charts c JOIN spaces s ON s.id = c.space_id WHERE c.id = NEW.chart_id;
  RETURN NEW;
END $$;
CREATE TRIGGER follows_named BEFORE INSERT ON follows FOR EACH ROW EXECUTE FUNCTION name_follow();

UPDATE follows f SET space = s.name, chart = c.name
  FROM charts c JOIN spaces s ON s.id = c.space_id WHERE c.id = f.chart_id;
