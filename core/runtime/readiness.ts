import { inTime } from './timeout.ts';

/** `full`: it can be read and has no room for more. */
export type PartState = 'up' | 'full' | 'down';

/** Milliseconds that a part has to answer; one that hangs is down. */
const patience = 2_000;

/**
 * Makes what asks every part at once whether it can be reached, and answers within `patience` whatever they do. A part
 * that hangs is asked by one check at a time, however many come to know.
 * @param checks by the part's name; each rejects when the part cannot be reached, and gives `full` when it has no room left
 */
export function createPartsCheck(
  checks: Record<string, () => Promise<unknown>>,
): () => Promise<Record<string, PartState>> {
  const askers = Object.entries(checks).map(([name, check]) => ({ name, ask: createAsker(check) }));
  return async () => {
    const answers = await Promise.all(askers.map(async ({ name, ask }) => [name, await ask()] as const));
    return Object.fromEntries(answers);
  };
}

function createAsker(check: () => Promise<unknown>): () => Promise<PartState> {
  let asking: Promise<PartState> | undefined;
  return async () => {
    asking ??= check()
      .then(
        (state): PartState => (state === 'full' ? 'full' : 'up'),
        (): PartState => 'down',
      )
      .finally(() => {
        asking = undefined;
      });
    return inTime(asking, patience, 'down');
  };
}
