import type { Actor } from '../access/actor.ts';
import { type ErrorBody, RegistryError } from '../errors.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { createHiddenSourceCheck, maskText } from '../registry/mask-sources.ts';

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
 */
export async function createFollowCycleError(
  actor: Actor,
  chain: readonly NamedChart[],
  pointer?: string,
): Promise<RegistryError> {
  const ends = chain.length > maxChain ? [chain.slice(0, maxChain - 1), chain.slice(-1)] : [chain];
  const isHidden = await createHiddenSourceCheck(actor, actor.guarded ? ends.flat() : []);
  const nameOf = (chart: NamedChart) => (isHidden(chart) ? maskText : `${chart.space}/${chart.chart}`);
  const shown = ends.map((charts) => charts.map(nameOf).join(' -> ')).join(' -> ... -> ');
  return new RegistryError(
    'follow.cycle',
    `These charts would follow each other without end: ${shown}. Name one of them by an exact version, or end its follow.`,
    pointer === undefined ? undefined : { pointer },
  );
}

/** Failure of a follow that is part of a cycle. Readers of its chart see it, so it names no other one. */
export const cycleFailure: ErrorBody = new RegistryError(
  'follow.cycle',
  'This chart would follow itself by way of its sources, without end. Set the follow again to be told the chain; name one of the sources by an exact version, or end the follow.',
).toBody();
