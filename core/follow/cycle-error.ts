import type { Actor } from '../access/actor.ts';
import { RegistryError } from '../errors.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { createHiddenSourceCheck, maskText } from '../registry/mask-sources.ts';
import { maxCycleSearch } from './find-cycle.ts';

/** Advice where a follow would close a cycle, or may. */
const cycleAdvice = 'Name one of them by an exact version, or end its follow.';

/** Longest chain in a message. */
const maxChain = 12;

/** Thrown to roll back what would close a cycle; `createFollowCycleError` words it for the actor. */
export class ClosedCycle extends Error {
  readonly chain: readonly NamedChart[];

  constructor(chain: readonly NamedChart[]) {
    super('a follow would close a cycle');
    this.chain = chain;
  }
}

/**
 * Makes the error for an actor whose follow would close a cycle.
 * It names those charts of the chain that the actor may read.
 * @param chain as `findCycle` returns it
 */
export async function createFollowCycleError(
  actor: Actor,
  chain: readonly NamedChart[],
  pointer?: string,
): Promise<RegistryError> {
  const ends = chain.length > maxChain ? [chain.slice(0, maxChain - 1), chain.slice(-1)] : [chain];
  const isHidden = await createHiddenSourceCheck(actor, actor.guarded ? ends.flat() : []);
  const nameOf = (chart: NamedChart) => (isHidden(chart) ? maskText : `${chart.space}/${chart.chart}`);
  const details = pointer === undefined ? undefined : { pointer };
  if (chain.length === 0)
    return new RegistryError('follow.cycle', `${searchTooLargeMessage} ${cycleAdvice}`, details);
  const shown = ends.map((charts) => charts.map(nameOf).join(' -> ')).join(' -> ... -> ');
  return new RegistryError(
    'follow.cycle',
    `These charts would follow each other without end: ${shown}. ${cycleAdvice}`,
    details,
  );
}

const searchTooLargeMessage = `More than ${maxCycleSearch.toLocaleString('en')} charts are below this one by ranges of followed charts, so it cannot be ruled out that they follow each other without end.`;

/** Failure of a follow that is part of a cycle. Its readers may not know the other charts. */
export const maskedCycleError: RegistryError = new RegistryError(
  'follow.cycle',
  'This chart would follow itself by way of its sources, without end. Its follow (GET .../follow) has the chain, for those who may read all charts of it. Name one of the sources by an exact version, or end the follow.',
);
