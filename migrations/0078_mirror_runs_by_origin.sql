-- without a transaction
-- At most one run asks a host at a time.
DROP INDEX CONCURRENTLY IF EXISTS mirror_runs_open_by_origin;
CREATE UNIQUE INDEX CONCURRENTLY mirror_runs_open_by_origin ON mirror_runs (origin) WHERE state = 'running';
