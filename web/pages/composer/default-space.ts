import { useEffect, useState } from 'preact/hooks';
import { whoAmIQuery } from '../../api/lists.ts';
import { registry } from '../../api/registry.ts';
import { rightsInSpace } from '../../api/rights.ts';
import type { Composer } from './composer-state.ts';
import type { Draft } from './draft.ts';

/** Most spaces that the field of the space suggests. */
const maxSpaces = 200;

/** Lists the names of spaces that the reader may compose into. Nothing can be stored in mirrors. */
export async function listOwnSpaces(): Promise<string[]> {
  // The frame of the page has asked already, mostly.
  const known = whoAmIQuery.recall(whoAmIQuery.keyOf('me'));
  const me = known ?? (await registry.whoami());
  const { items } = await registry.spaces.list().page({ limit: maxSpaces });
  return items.flatMap(({ name, mirror }) => (!mirror && rightsInSpace(me, name).publishes ? [name] : []));
}

/**
 * Fills in the space of a draft that has none. It is the only one that the reader may compose into, or that of the chart
 * which is added first.
 * @param of space of the chart
 */
export function withDefaultSpace(draft: Draft, own: readonly string[], of?: string): Draft {
  const space = own.length === 1 ? own[0] : own.find((name) => name === of);
  return draft.space === '' && space !== undefined ? { ...draft, space } : draft;
}

/** Reads the spaces that the reader may compose into, and fills in the only one. */
export function useOwnSpaces(composer: Composer): readonly string[] {
  const [spaces, setSpaces] = useState<readonly string[]>([]);
  useEffect(() => {
    // Suggestions of the field: it takes any name without them.
    listOwnSpaces().then(
      (own) => {
        setSpaces(own);
        composer.draft.value = withDefaultSpace(composer.draft.value, own);
      },
      () => setSpaces([]),
    );
  }, [composer]);
  return spaces;
}
