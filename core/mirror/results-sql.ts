/** Results of each outcome that a run keeps. Those beyond are counted alone, so failures are not lost among many copies. */
export const maxResultsOfOutcome = 2_000;

/**
 * SQL that reads the outcomes that an open run records. Its parameters: 1 id of the run, 2 its holder, 3 its number,
 * 4 outcomes as JSON.
 */
export const givenOutcomesSql = `
  open AS (
    SELECT id FROM mirror_runs WHERE id = $1 AND holder = $2 AND state = 'running' FOR SHARE
  ), outcome AS (
    SELECT * FROM jsonb_to_recordset($4::jsonb) AS o (
      chart text, version text, outcome mirror_outcome, copied boolean, upstream text, manifest text, fault jsonb)
  )`;

/**
 * SQL that inserts outcomes as results of their run, after `givenOutcomesSql`. A version has its last outcome in the
 * run.
 */
export const insertResultsSql = `
  kept AS MATERIALIZED (
    SELECT o.outcome, (SELECT count(*) FROM mirror_results k WHERE k.run = $3 AND k.outcome = o.outcome) AS count
      FROM (SELECT DISTINCT outcome FROM outcome) AS o
  ), result AS (
    INSERT INTO mirror_results (run, chart, version, outcome, upstream, error)
    SELECT $3, f.chart, f.version, f.outcome, f.upstream, f.fault
      FROM (SELECT o.*, row_number() OVER (PARTITION BY o.outcome ORDER BY o.chart, o.version) AS place FROM outcome o) AS f
           JOIN kept USING (outcome), open
     WHERE kept.count + f.place <= ${maxResultsOfOutcome} OR EXISTS (
             SELECT FROM mirror_results k WHERE k.run = $3 AND k.chart = f.chart AND k.version = f.version)
     ORDER BY f.chart, f.version
    ON CONFLICT (run, chart, version) DO UPDATE
       SET outcome = excluded.outcome, upstream = excluded.upstream, error = excluded.error, at = now()
  )`;
