-- Time at which a run first missed a version in its upstream; NULL while the upstream lists it. Those gone for long are deleted.
ALTER TABLE mirror_sightings ADD COLUMN gone_since timestamptz;
