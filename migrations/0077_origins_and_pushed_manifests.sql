-- Scheme, host and port that a run of a mirror asks. Two mirrors of one host run one after the other, since the host would get
-- the requests of both. NULL for runs of a program before this migration.

ALTER TABLE mirror_runs ADD COLUMN origin text;
