import { scopesOfCaller } from '../access/principal.ts';
import { inJsonScopeSql, toScopeJson } from '../access/read-scope.ts';
import { loginRequiredError } from '../access/refusals.ts';
import { catalogScope } from '../access/registry-scopes.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { repositoryPattern } from './names.ts';

/** Repositories of one response. */
export const maxRepositories = 1_000;

/**
 * Lists the repositories that the actor may read, by space and then by name. Repositories are those of charts, and
 * all others. Charts and spaces whose names OCI does not allow are left out.
 * @param limit repositories of the response, at most `maxRepositories`
 * @param after lists repositories after this one; '' begins at the start
 * @returns `more` when further repositories follow
 * @throws {RegistryError} `access.unauthenticated` without credentials, so that clients send those they have;
 *   `access.insufficientScope`
 */
export async function listRepositories(
  { db, actor }: RegistryDeps,
  limit: number,
  after: string,
): Promise<{ repositories: string[]; more: boolean }> {
  if (actor.guarded) {
    const caller = await actor.caller();
    const scopes = scopesOfCaller(caller);
    if (caller.kind === 'anonymous' && !scopes) throw loginRequiredError();
    if (scopes && !scopes.catalog) throw insufficientScope();
  }
  const [, space = after, name = ''] = /^([^/]*)\/(.*)$/s.exec(after) ?? [];
  const rows = await db.query<{ name: string }>(listStatement, [
    space,
    name,
    limit + 1,
    toScopeJson(await actor.scope()),
    repositoryPattern.source,
  ]);
  const repositories = rows.slice(0, limit).map((row) => row.name);
  return { repositories, more: rows.length > limit };
}

function insufficientScope(): RegistryError {
  return new RegistryError(
    'access.insufficientScope',
    `The registry token does not allow this. Ask for a new one with the scope ${catalogScope}.`,
    { scope: catalogScope },
  );
}

/** SQL of the names in a space after the last one, from the index of a table. */
function namesSql(table: 'charts' | 'oci_repositories'): string {
  return `(SELECT t.name FROM ${table} t
            WHERE t.space_id = s.id AND (s.name > $1 OR t.name > $2) AND s.name || '/' || t.name ~ $5
            ORDER BY t.name LIMIT $3)`;
}

// Spaces come in the order of their index, and names of a space in the order of theirs. So a page reads little more
// than it shows.
const listStatement = `
SELECT s.name || '/' || n.name AS name
  FROM (SELECT id, name FROM spaces s WHERE s.name >= $1 AND ${inJsonScopeSql('s', '$4::jsonb')} ORDER BY s.name) s
 CROSS JOIN LATERAL (${namesSql('charts')} UNION ${namesSql('oci_repositories')} ORDER BY name LIMIT $3) n
 ORDER BY s.name, n.name LIMIT $3`;
