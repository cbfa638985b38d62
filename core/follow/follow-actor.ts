import { type Access, invalidCredentialsError } from '../access/access.ts';
import { type Actor, createActor, createOpenActor, type RequestFacts } from '../access/actor.ts';
import { readSubjects } from '../access/kept-caller.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { createHiddenSourceCheck, type NamedChart } from '../registry/mask-sources.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';
import type { FollowDeps } from './follow-deps.ts';
import { isAuthorRefusal } from './stopped.ts';

const workerRequest: RequestFacts = { door: 'worker' };

/**
 * Creates the actor of a follow. The actor is the author of the follow, with the bounds of the token that was used,
 * as they are now.
 * @throws {RegistryError} `access.denied` where nobody's rights can be asked for: the principal is gone or disabled, its
 *   token, password or trust rule has ended, or the follow was set with open access
 */
export async function createFollowActor(
  access: Access,
  db: Queryable,
  {
    principalId,
    principal,
    tokenId,
    proof,
  }: Pick<ClaimedFollowRun, 'principalId' | 'principal' | 'tokenId' | 'proof'>,
): Promise<Actor> {
  if (!access.guarded) return createOpenActor(workerRequest);
  if (principalId === null) {
    throw new RegistryError(
      'access.denied',
      'This follow was set while everybody might do everything, so there is nobody whose rights could be checked. Set it again.',
    );
  }
  const author = { principalId, tokenId: tokenId ?? undefined, proof: proof ?? undefined };
  const [subject] = await readSubjects(db, [author]);
  if (!subject) {
    const by = principal ?? 'who has set it';
    throw new RegistryError(
      'access.denied',
      `This follow runs with the rights of ${by}, who is gone or disabled, or whose token, password or trust rule has ended since it was set. Set it again.`,
    );
  }
  return createActor(
    access,
    async () => {
      const [now] = await readSubjects(db, [author]);
      if (!now) throw invalidCredentialsError();
      return now.caller;
    },
    workerRequest,
  );
}

/** Whether the author of a follow may know its sources, by its rights now. */
export async function mayAuthorKnowSources(
  { access, jobs }: FollowDeps,
  run: ClaimedFollowRun,
  sources: readonly NamedChart[],
): Promise<boolean> {
  try {
    const actor = await createFollowActor(access, jobs.db, run);
    return !actor.guarded || !sources.some(await createHiddenSourceCheck(actor, sources));
  } catch (error) {
    if (error instanceof RegistryError && isAuthorRefusal(error)) return false;
    throw error;
  }
}
