-- Ids of the spaces that a job is about: a space that was deleted and made again is another one.

ALTER TABLE jobs ADD COLUMN space_id bigint;
UPDATE jobs j SET space_id = s.id FROM spaces s WHERE s.name = j.space AND s.created_at <= j.created_at;

-- Null for jobs that were accepted with open access.
ALTER TABLE job_sources ADD COLUMN space_id bigint;

-- Names that a caller may read are read in order, without those in between that it may not.
CREATE INDEX spaces_by_visibility ON spaces (visibility, name);
