/**
 * SQL for the id of a version by its names, each of them an expression; NULL when there is none. One lookup follows from the
 * other: a join may be begun at the wrong end as long as nobody has counted what is in the tables, and then reads all of them.
 */
export const versionNamed = (space: string, chart: string, version: string) =>
  `(SELECT v.id FROM versions v WHERE v.version = ${version} AND v.chart_id =
     (SELECT c.id FROM charts c WHERE c.name = ${chart} AND c.space_id =
       (SELECT s.id FROM spaces s WHERE s.name = ${space})))`;
