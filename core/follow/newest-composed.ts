/**
 * SQL expression for the version that a chart is composed anew from, by id. The version is the newest release, or
 * where there is none the newest pre-release. A pre-release above the releases is somebody's preparation of the next
 * one.
 * @param chartId an SQL expression
 */
export const newestVersionSql = (chartId: string) =>
  `coalesce(
     (SELECT v.id FROM versions v WHERE v.chart_id = ${chartId} AND right(v.sort_key, 1) = '~'
       ORDER BY v.sort_key DESC, v.version DESC LIMIT 1),
     (SELECT v.id FROM versions v WHERE v.chart_id = ${chartId} ORDER BY v.sort_key DESC, v.version DESC LIMIT 1))`;
