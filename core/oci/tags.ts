import { hasChart } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';
import { findRepositoryId, repositoryNotFoundError } from './repositories.ts';

/** Largest number of tags in one response. */
export const maxTags = 1_000;

/**
 * Lists the tags of a repository in byte order. Tags are the versions of its chart, and all others.
 * @param limit tags of the response, at most `maxTags`
 * @param after lists tags after this one; '' begins at the start
 * @returns `more` when further tags follow
 * @throws {RegistryError} `repository.notFound`
 */
export async function listTags(
  registry: RegistryDeps,
  repository: RepositoryRef,
  limit: number,
  after: string,
): Promise<{ tags: string[]; more: boolean }> {
  const rows = await registry.db.query<{ name: string }>(
    `(SELECT t.name FROM oci_tags t JOIN oci_repositories r ON r.id = t.repository_id JOIN spaces s ON s.id = r.space_id
       WHERE s.name = $1 AND r.name = $2 AND t.name > $4 ORDER BY t.name LIMIT $5)
      UNION
     (SELECT replace(v.version, '+', '_') FROM versions v
       WHERE v.chart_id = (SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $3)
         AND replace(v.version, '+', '_') > $4 AND length(v.version) <= 128
       ORDER BY replace(v.version, '+', '_') LIMIT $5)
      ORDER BY name LIMIT $5`,
    [repository.space, repository.name, chartNameOf(repository) ?? null, after, limit + 1],
  );
  if (rows.length === 0) await assertRepositoryExists(registry, repository);
  const tags = rows.slice(0, limit).map(({ name }) => name);
  return { tags, more: rows.length > limit };
}

/** Checks that a repository exists, or a chart of its name. @throws {RegistryError} `repository.notFound` */
async function assertRepositoryExists(registry: RegistryDeps, repository: RepositoryRef): Promise<void> {
  if ((await findRepositoryId(registry.db, repository)) !== undefined) return;
  const chart = chartNameOf(repository);
  if (chart !== undefined && (await hasChart(registry.db, repository.space, chart))) return;
  throw repositoryNotFoundError(repository);
}
