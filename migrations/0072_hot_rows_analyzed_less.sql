-- Tables of few rows that each push or recipe changes were vacuumed and analyzed at each round of autovacuum. Each time, every
-- connection planned anew whatever reads them. Their statistics hardly change: counters grow, and rows of queues come and go.

ALTER TABLE spaces         SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
ALTER TABLE space_usage    SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
ALTER TABLE changes        SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
ALTER TABLE locks          SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
ALTER TABLE version_events SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
ALTER TABLE search_pending SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 5000);
-- These two also grow.
ALTER TABLE charts         SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000);
ALTER TABLE chart_details  SET (autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000);
