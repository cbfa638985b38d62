import type { RegistryDeps } from '../registry/registry.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';
import { findRepository, repositoryNotFound } from './repositories.ts';

/** Tags in one answer. */
export const maxTags = 1_000;

/**
 * Tags in order of their bytes: those that are versions of the chart of this name, and all others.
 * @param limit at most `maxTags`
 * @param after the tag before the first one wanted; '' begins at the start
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

async function assertRepositoryExists(registry: RegistryDeps, repository: RepositoryRef): Promise<void> {
  if ((await findRepository(registry.db, repository)) !== undefined) return;
  const chart = await registry.db.query(
    'SELECT 1 FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2',
    [repository.space, chartNameOf(repository) ?? null],
  );
  if (chart.length === 0) throw repositoryNotFound(repository);
}
