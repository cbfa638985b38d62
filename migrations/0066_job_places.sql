-- Places of nodes in recipes of YAML, [line, column] by JSON pointer: a worker adds them to errors and warnings.
ALTER TABLE jobs ADD COLUMN places jsonb;
