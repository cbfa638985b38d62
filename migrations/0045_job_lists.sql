-- Lists of jobs by their states: a list of several states is merged from the first of each, so that it reads no others.
-- By the negative number: the index of numbers itself has that order too, and PostgreSQL might read all jobs by it in search
-- of a rare state.
DROP INDEX jobs_by_state;
CREATE INDEX jobs_by_state ON jobs (state, (-number));
CREATE INDEX jobs_by_space_state ON jobs (space, state, (-number));
CREATE INDEX jobs_by_author_state ON jobs (author_id, state, (-number)) WHERE author_id IS NOT NULL;
DROP INDEX jobs_by_space;
DROP INDEX jobs_by_author;

-- By the time of the last change, which is the end of a job that is over.
CREATE INDEX jobs_changed_by_state ON jobs (state, changed_at DESC, number DESC);
CREATE INDEX jobs_changed_by_space ON jobs (space, state, changed_at DESC, number DESC);
CREATE INDEX jobs_changed_by_author ON jobs (author_id, state, changed_at DESC, number DESC) WHERE author_id IS NOT NULL;
