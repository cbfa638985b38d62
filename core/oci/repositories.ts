import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findOrCreateUploadSpace } from '../registry/space-rows.ts';
import type { RepositoryRef } from './names.ts';

/** Finds the id of a repository. @returns undefined when it does not exist */
export async function findRepositoryId(
  db: Queryable,
  { space, name }: RepositoryRef,
): Promise<number | undefined> {
  const [row] = await db.query<{ id: number }>(
    'SELECT r.id FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1 AND r.name = $2',
    [space, name],
  );
  return row?.id;
}

/**
 * Finds the id of a repository, and creates the repository if it does not exist.
 * The space is created too, where uploads may do that.
 * @throws {RegistryError} `space.notFound`
 */
export async function ensureRepository(
  tx: Transaction,
  registry: Pick<RegistryDeps, 'autoCreateSpaces' | 'overwriting' | 'suggestible' | 'actor'>,
  repository: RepositoryRef,
): Promise<number> {
  const found = await findRepositoryId(tx, repository);
  if (found !== undefined) return found;
  const { space, name } = repository;
  const spaceId = await findOrCreateUploadSpace(tx, registry, space);
  await tx.query('INSERT INTO oci_repositories (space_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    spaceId,
    name,
  ]);
  const created = await findRepositoryId(tx, repository);
  if (created === undefined) throw new Error('the INSERT of a repository added no row');
  return created;
}

/** Makes the error for a repository that does not exist. */
export function repositoryNotFoundError({ full }: RepositoryRef): RegistryError {
  return new RegistryError('repository.notFound', `There is no repository ${full}.`);
}
