import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { DeclaredEntry } from '../recipe/absent-entries.ts';
import type { StoredSource } from '../recipe/plan.ts';
import { versionNameOf } from '../registry/names.ts';
import { pickVersions } from '../registry/pick-version.ts';
import type { VersionRef } from '../registry/registry.ts';
import { type Constraint, parseConstraint } from '../semver/constraint.ts';
import type { RecipeRights } from './recipe-rights.ts';
import { selectVersions } from './resolve-sources.ts';

/** Declarations of a stored chart, and the charts that its archive has. */
export interface ChartDependencies {
  entries: DeclaredEntry[];
  inside: { name: string; version: string }[];
}

/** Dependency that is looked for, and the space of the chart that declares it. */
export interface WantedPart {
  space: string;
  chart: string;
  /** Declared range; empty for any release. */
  range: string;
}

/** Looks parts up for one recipe. Each is looked up once, however often the recipe needs it. */
export interface PartLookup {
  /** Reads what charts declare and contain. @throws {RegistryError} `resource.locked` where one is being replaced */
  describe(sources: readonly StoredSource[]): Promise<ChartDependencies[]>;
  /** Finds the highest version in the range, in the first of the spaces that has one; undefined without one. */
  find(wanted: readonly WantedPart[]): Promise<(StoredSource | undefined)[]>;
  /** Lists the spaces that are searched for a part. */
  spacesOf(wanted: WantedPart): string[];
}

interface ContentsRow extends VersionRef {
  digest: Digest;
  entries: DeclaredEntry[] | null;
  inside: ChartDependencies['inside'] | null;
}

/** Creates the lookup of a recipe's parts. What its author may not read is not there. */
export function createPartLookup(
  db: Queryable,
  from: readonly string[],
  { mayRead }: Pick<RecipeRights, 'mayRead'>,
): PartLookup {
  const described = new Map<string, ChartDependencies & { source: StoredSource }>();
  const found = new Map<string, StoredSource | undefined>();
  const spacesOf = ({ space }: WantedPart) => [...new Set([space, ...from])];

  async function describeAll(refs: readonly VersionRef[]): Promise<void> {
    const unknown = refs.filter((ref) => !described.has(versionNameOf(ref)));
    if (unknown.length === 0) return;
    for (const { entries, inside, ...ref } of await selectVersions<ContentsRow>(
      db,
      unknown,
      contentsColumns,
    )) {
      const source: StoredSource = { kind: 'stored', ...ref };
      described.set(versionNameOf(ref), { source, entries: entries ?? [], inside: inside ?? [] });
    }
  }

  function contentsOf(ref: VersionRef): ChartDependencies & { source: StoredSource } {
    const contents = described.get(versionNameOf(ref));
    if (contents) return contents;
    throw chartBeingWrittenError(ref);
  }

  /** Searches one more space for each part. @returns searches without a result that have spaces left */
  async function searchNext(searches: readonly PartSearch[]): Promise<PartSearch[]> {
    const asked = searches.map((search) => ({ ...search, space: search.spaces[0] ?? '' }));
    const readable = await Promise.all(asked.map(({ space, chart }) => mayRead({ space, chart })));
    const allowed = asked.filter((_, index) => readable[index]);
    const versions = await pickVersions(db, allowed);
    const picked = new Map(
      allowed.flatMap(({ key, space, chart }, index): [string, VersionRef][] => {
        const version = versions[index];
        return version === undefined ? [] : [[key, { space, chart, version }]];
      }),
    );
    await describeAll([...picked.values()]);
    for (const [key, ref] of picked) found.set(key, contentsOf(ref).source);
    return searches
      .filter(({ key }) => !picked.has(key))
      .map((search) => ({ ...search, spaces: search.spaces.slice(1) }))
      .filter(({ spaces }) => spaces.length > 0);
  }

  return {
    spacesOf,
    async describe(sources) {
      await describeAll(sources);
      return sources.map((source) => {
        const contents = contentsOf(source);
        if (contents.source.digest !== source.digest) throw chartBeingWrittenError(source);
        return contents;
      });
    },
    async find(wanted) {
      const searches = new Map<string, PartSearch>();
      for (const part of wanted) {
        const key = keyOf(part);
        const pick = parseRange(part.range);
        if (pick && !found.has(key))
          searches.set(key, { key, chart: part.chart, pick, spaces: spacesOf(part) });
      }
      for (let open = [...searches.values()]; open.length > 0; ) open = await searchNext(open);
      return wanted.map((part) => found.get(keyOf(part)));
    },
  };
}

/** Search for a part, with the spaces that are left. */
interface PartSearch {
  key: string;
  chart: string;
  pick: Constraint;
  spaces: string[];
}

/** Parses a declared range; without one any release will do. @returns undefined for a range that Helm does not read */
export function parseRange(range: string): Constraint | undefined {
  return parseConstraint(range || '*');
}

// An index entry has the declared dependencies, the metadata those that are inside.
const contentsColumns = `v.digest,
  (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', d ->> 'name', 'version', d ->> 'version', 'alias', d ->> 'alias'))
                    ORDER BY position)
     FROM jsonb_path_query(v.entry::jsonb, '$.dependencies[*]') WITH ORDINALITY AS declared (d, position)) AS entries,
  (SELECT jsonb_agg(jsonb_build_object('name', d ->> 'name', 'version', d ->> 'version'))
     FROM jsonb_path_query(v.metadata, '$.dependencies[*]') AS d) AS inside`;

function keyOf({ space, chart, range }: WantedPart): string {
  return `${space}/${chart}/${range}`;
}

function chartBeingWrittenError(ref: VersionRef): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${versionNameOf(ref)} is being written by another request. Try again in a moment.`,
  );
}
