/**
 * SQL condition that a repository has an OCI tag that hides a version's. The tag has the version's name, although it
 * is none of the chart's. A version of that name hides the tag from clients, so it replaces something.
 * @param spaceId SQL of the space's id; the others are SQL of the names of chart and version
 */
export const hidesTagSql = (spaceId: string, chart: string, version: string) =>
  `EXISTS (SELECT FROM oci_tags tag JOIN oci_repositories repository ON repository.id = tag.repository_id
            WHERE repository.space_id = ${spaceId} AND repository.name = ${chart}
              AND tag.name = replace(${version}, '+', '_'))`;
