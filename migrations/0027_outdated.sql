-- Whether composed versions are up to date, as far as lists filter by it. Made anew from the other tables by the worker,
-- some time after a version was published, replaced or deleted; details are looked up when they are asked for.
CREATE TABLE composed_states (
  -- No reference, so that deleting waits for nobody: rows of versions that are gone are passed over until they are deleted.
  version_id  bigint PRIMARY KEY,
  -- Of the composed version, in the order of the lists.
  space       text COLLATE "C" NOT NULL,
  chart       text COLLATE "C" NOT NULL,
  sort_key    text COLLATE "C" NOT NULL,
  version     text COLLATE "C" NOT NULL,
  -- Whether it is the highest composed version of its chart.
  highest     boolean NOT NULL DEFAULT false,
  -- Spaces with a source that the recipe would resolve to something else now, and with newer versions that it does not
  -- allow. By space, for a reader sees a change only where it may read the source.
  outdated_in text[] COLLATE "C" NOT NULL,
  newer_in    text[] COLLATE "C" NOT NULL,
  state       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
    CASE WHEN outdated_in <> '{}' THEN 'outdated' WHEN newer_in <> '{}' THEN 'newer' ELSE 'current' END
  ) STORED
);
CREATE INDEX composed_states_in_order ON composed_states (space, chart, sort_key, version);
CREATE INDEX composed_states_highest ON composed_states (space, chart, sort_key, version) WHERE highest;
CREATE INDEX composed_states_by_state ON composed_states (state, space, chart, sort_key, version);
CREATE INDEX composed_states_highest_by_state ON composed_states (state, space, chart, sort_key, version) WHERE highest;

-- Composed versions whose state is to be made anew.
CREATE TABLE state_work (version_id bigint PRIMARY KEY);

-- Those that are stored already.
INSERT INTO state_work SELECT version_id FROM lineage;

-- Finds the highest release of a step without the pre-releases above it.
CREATE INDEX versions_releases ON versions (chart_id, sort_key, version) WHERE right(sort_key, 1) = '~';
