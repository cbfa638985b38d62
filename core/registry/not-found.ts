import type { ReadScope } from '../access/decide.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { parsePick } from '../recipe/version-pick.ts';
import { boundsOfConstraint } from '../semver/bounds.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import { findNearestChart, findNearestSpace, findNearestVersions } from './nearest.ts';

/**
 * Makes the error for a query without a row. The error names which of space, chart and version is missing, the
 * outermost first. The message and `details.nearest` have the nearest existing names or versions.
 * @param ref.version a version, a range or `latest`, as the request had it
 * @param scope bounds of the spaces whose names may be suggested; charts and versions are those of the space itself
 */
export async function explainMissing(
  db: Queryable,
  ref: { space: string; chart?: string; version?: string },
  scope: ReadScope,
): Promise<RegistryError> {
  const { space, chart, version } = ref;
  if (chart === undefined || !(await hasSpace(db, space))) {
    return notFound('space.notFound', `There is no space ${space}`, [
      await findNearestSpace(db, space, scope),
    ]);
  }
  if (version === undefined || !(await hasChart(db, space, chart))) {
    const nearest = [await findNearestChart(db, space, chart)];
    return notFound('chart.notFound', `There is no chart ${chart} in space ${space}`, nearest);
  }
  const parsed = parseVersion(version);
  const pick = parsed ? undefined : parsePick(version);
  const bounds = parsed ? { from: sortKey(parsed), to: sortKey(parsed) } : boundsOfPick(pick);
  const missing = pick
    ? `${space}/${chart} has no version in the range ${version}`
    : `There is no version ${version} of ${space}/${chart}`;
  return notFound('version.notFound', missing, await findNearestVersions(db, { space, chart }, bounds));
}

function boundsOfPick(pick: ReturnType<typeof parsePick>) {
  return pick === undefined || pick === 'latest' ? {} : boundsOfConstraint(pick);
}

async function hasSpace(db: Queryable, space: string): Promise<boolean> {
  return (await db.query('SELECT FROM spaces WHERE name = $1', [space])).length > 0;
}

/** Whether a chart exists. */
export async function hasChart(db: Queryable, space: string, chart: string): Promise<boolean> {
  const found = await db.query(
    'SELECT FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2',
    [space, chart],
  );
  return found.length > 0;
}

function notFound(
  code: 'space.notFound' | 'chart.notFound' | 'version.notFound',
  message: string,
  candidates: readonly (string | undefined)[],
): RegistryError {
  const nearest = candidates.filter((name) => name !== undefined);
  const [first] = nearest;
  if (first === undefined) return new RegistryError(code, `${message}.`);
  const hint =
    code === 'version.notFound'
      ? `The nearest ${nearest.length > 1 ? 'are' : 'is'} ${nearest.join(', ')}.`
      : `Did you mean ${first}?`;
  const error = new RegistryError(code, `${message}. ${hint}`, { nearest });
  errorsWithoutSuggestions.set(error, new RegistryError(code, `${message}.`));
  return error;
}

/** Errors that suggest names, each with its form without them. */
const errorsWithoutSuggestions = new WeakMap<RegistryError, RegistryError>();

/** Makes another error of one that may suggest names, in both of its forms. */
export function rewordMissing(
  error: RegistryError,
  reword: (form: RegistryError) => RegistryError,
): RegistryError {
  const reworded = reword(error);
  const plain = errorsWithoutSuggestions.get(error);
  if (plain) errorsWithoutSuggestions.set(reworded, reword(plain));
  return reworded;
}

/**
 * Returns an error without the names that it suggests. A caller that may read only some charts of a space gets it.
 */
export function withoutSuggestions(error: RegistryError): RegistryError {
  return errorsWithoutSuggestions.get(error) ?? error;
}
