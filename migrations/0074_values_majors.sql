-- Sentence that names where Helm 3 and 4 compute different values of a version; NULL where they compute the same. It is
-- written together with the values. Programs of the last release leave it alone, and mark the values as theirs.
ALTER TABLE versions ADD COLUMN values_majors text;
