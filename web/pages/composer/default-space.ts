import { useEffect, useState } from 'preact/hooks';
import { whoAmIQuery } from '../../api/lists.ts';
import { registry } from '../../api/registry.ts';
import { isKnownCaller, rightsInSpace } from '../../api/rights.ts';
import type { Composer } from './composer-state.ts';
import type { Draft } from './draft.ts';
import { chooseStorable } from './storable-spaces.ts';

/** Largest number of spaces that the field of the space suggests. */
const maxSpaces = 200;
/** Largest number of spaces that are looked up by name, to see whether they are mirrors. */
const maxAsked = 20;

/** Spaces that the reader may compose into. */
export interface OwnSpaces {
  names: readonly string[];
  /** Whether these are all. */
  isWhole: boolean;
}

/** Lists the names of spaces that the reader may compose into. Nothing can be stored in mirrors. */
export async function listOwnSpaces(): Promise<OwnSpaces> {
  // The frame of the page has asked already, mostly.
  const known = whoAmIQuery.recall(whoAmIQuery.keyOf('me'));
  const me = known ?? (await registry.whoami());
  const { items, total } = await registry.spaces.list().page({ limit: maxSpaces });
  const isWhole = total <= items.length;
  const isListed = new Set(items.map(({ name }) => name));
  const names = items.flatMap(({ name, mirror }) =>
    !mirror && rightsInSpace(me, name).publishes ? [name] : [],
  );
  // Admins publish everywhere, and nobody has a role where access is open.
  if (isWhole || !isKnownCaller(me) || me.registryRoles.includes('admin')) return { names, isWhole };
  // The caller knows the spaces of its roles, also those behind the first page.
  const others = me.spaces
    .map(({ space }) => space)
    .filter((space) => !isListed.has(space) && rightsInSpace(me, space).publishes);
  if (others.length > maxAsked) return { names: [...names, ...others].slice(0, maxSpaces), isWhole: false };
  return { names: [...names, ...(await chooseStorable(registry, others))], isWhole: true };
}

/**
 * Fills in the space of a draft that has none. It is the only one that the reader may compose into, or that of the chart
 * which is added first.
 * @param of space of the chart
 */
export function withDefaultSpace(draft: Draft, { names, isWhole }: OwnSpaces, of?: string): Draft {
  const space = isWhole && names.length === 1 ? names[0] : names.find((name) => name === of);
  return draft.space === '' && space !== undefined ? { ...draft, space } : draft;
}

/** Reads the spaces that the reader may compose into, and fills in the only one. */
export function useOwnSpaces(composer: Composer): OwnSpaces {
  const [spaces, setSpaces] = useState<OwnSpaces>(noSpaces);
  useEffect(() => {
    // Suggestions of the field: it takes any name without them.
    listOwnSpaces().then(
      (own) => {
        setSpaces(own);
        composer.draft.value = withDefaultSpace(composer.draft.value, own);
      },
      () => setSpaces(noSpaces),
    );
  }, [composer]);
  return spaces;
}

/** Spaces of somebody of whom nothing is known. */
export const noSpaces: OwnSpaces = { names: [], isWhole: false };
