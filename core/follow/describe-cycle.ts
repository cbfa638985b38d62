import { RegistryError } from '../errors.ts';
import { createHiddenSourceCheck, type NamedChart } from '../registry/mask-sources.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';
import { createFollowCycleError, maskedCycleError } from './cycle-error.ts';
import { createFollowActor } from './follow-actor.ts';
import type { FollowDeps } from './follow-deps.ts';
import { isAuthorRefusal } from './stopped.ts';

/** Error of a follow that has failed by a cycle, with the chain. */
export interface DescribedCycle {
  error: RegistryError;
  /** Charts that the error names. */
  named: readonly NamedChart[];
}

/**
 * Describes the cycle by which a follow has failed, for its author.
 * Charts that the author may not read are masked. Where nobody's rights can be asked for, no chart is named.
 */
export async function describeCycle(
  { access, jobs }: FollowDeps,
  run: ClaimedFollowRun,
  chain: readonly NamedChart[],
): Promise<DescribedCycle> {
  try {
    const actor = await createFollowActor(access, jobs.db, run);
    const isHidden = await createHiddenSourceCheck(actor, actor.guarded ? chain : []);
    return {
      error: await createFollowCycleError(actor, chain),
      named: chain.filter((chart) => !isHidden(chart)),
    };
  } catch (error) {
    if (!(error instanceof RegistryError) || !isAuthorRefusal(error)) throw error;
    return { error: maskedCycleError, named: [] };
  }
}
