-- Hold of the registry: while the row is there, workers claim no job, call no webhook and delete no blob. A restored copy has
-- it from `helm-registry hold` until `helm-registry resume`.
CREATE TABLE holds (
  id      boolean PRIMARY KEY DEFAULT true CHECK (id),
  reason  text NOT NULL,
  held_at timestamptz NOT NULL DEFAULT now()
);
