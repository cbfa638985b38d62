-- without a transaction
-- Lists of follows: those that have failed first, then those that are due, then all others.
DROP INDEX CONCURRENTLY IF EXISTS follows_in_order;
CREATE INDEX CONCURRENTLY follows_in_order ON follows
  ((CASE WHEN due_at IS NOT NULL THEN 1 WHEN failure IS NOT NULL THEN 0 ELSE 2 END), space, chart);
