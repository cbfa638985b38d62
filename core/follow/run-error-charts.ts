import { someChartPlaceholder } from '../access/rights.ts';

/**
 * SQL for all that the errors of a job may name, as JSON. Errors may name the charts of the job's sources, and some
 * chart of each space in `save.from`. NULL where the sources are not known.
 */
export const jobErrorChartsSql = (jobId: string) =>
  `(SELECT (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('space', s ->> 'space', 'chart', s ->> 'chart')), '[]')
              FROM jsonb_array_elements(j.sources) AS s)
          || (SELECT coalesce(jsonb_agg(jsonb_build_object('space', f, 'chart', '${someChartPlaceholder}')), '[]')
                FROM jsonb_array_elements_text(CASE jsonb_typeof(j.from_spaces) WHEN 'array' THEN j.from_spaces ELSE '[]' END) AS f)
      FROM jobs j WHERE j.id = ${jobId} AND j.sources IS NOT NULL)`;

/** SQL for all that the errors of a run `r` may name: of its job, or as it was kept when the job was deleted. */
export const runErrorChartsSql = `coalesce(r.named, ${jobErrorChartsSql('r.job_id')})`;
