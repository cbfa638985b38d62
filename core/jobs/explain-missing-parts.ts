import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { joinFirstNames } from '../recipe/warning.ts';
import { pickVersions } from '../registry/pick-version.ts';
import { parseRange } from './part-lookup.ts';

/** Dependency that was not found. */
export interface MissingPart {
  /** `package` of the recipe whose part it is. */
  pointer: string;
  chart: string;
  /** Declared range, empty for any release. */
  range: string;
  /** Alias, or name without one. */
  name: string;
  /** Version that declares it, as `space/chart/version`. */
  declaredBy: string;
  /** Spaces that were searched, in order. */
  spaces: string[];
}

/** Parts that one error names. */
const maxNamed = 20;

/**
 * Makes the error for parts that the registry does not have.
 * @param mayRead whether a chart may be named to the recipe's author
 */
export async function explainMissingParts(
  db: Queryable,
  lost: readonly [MissingPart, ...MissingPart[]],
  mayRead: (chart: { space: string; chart: string }) => Promise<boolean>,
): Promise<RegistryError> {
  const named = lost.slice(0, maxNamed);
  const places = named.flatMap(({ spaces, chart }) => spaces.map((space) => ({ space, chart })));
  const readable = await Promise.all(places.map(mayRead));
  const allowed = places.filter((_, index) => readable[index]);
  const versions = await pickVersions(
    db,
    allowed.map((place) => ({ ...place, pick: 'latest' as const })),
  );
  const newestOf = ({ chart, spaces }: MissingPart) =>
    allowed.flatMap((place, index) => {
      const version = place.chart === chart && spaces.includes(place.space) ? versions[index] : undefined;
      return version === undefined ? [] : [`${place.space}/${chart}/${version}`];
    });
  const { pointer } = lost[0];
  const more = lost.length > named.length ? ` ${lost.length - named.length} more are missing.` : '';
  const sentences = named.slice(0, 5).map((part) => describeMissingPart(part, [...new Set(newestOf(part))]));
  const others = named.slice(5).map(({ chart, range }) => `${chart} ${range}`.trim());
  const rest = others.length > 0 ? ` Missing too: ${joinFirstNames(others)}.` : '';
  const names = [...new Set(named.map(({ name }) => name))];
  return new RegistryError(
    'dependency.notFound',
    `${sentences.join(' ')}${rest}${more} Upload what is missing, list the space that has it in save.from, or name it as a child (${joinFirstNames(names)}).`,
    { pointer, dependencies: named },
  );
}

function describeMissingPart(
  { pointer, chart, range, declaredBy, spaces }: MissingPart,
  newest: string[],
): string {
  const declared = `${declaredBy} (${pointer}) declares ${chart}${range ? ` ${range}` : ''}, which neither its archive nor the recipe contains`;
  if (!parseRange(range)) return `${declared}, and Helm does not read that range.`;
  const searched = `the space${spaces.length > 1 ? 's' : ''} ${joinFirstNames(spaces, 20)}`;
  if (newest.length === 0) return `${declared}, and there is no chart ${chart} in ${searched}.`;
  return `${declared}, and no version in that range is in ${searched}: the newest there is ${joinFirstNames(newest)}.`;
}
