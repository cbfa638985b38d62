import type { Access } from '../../core/access/access.ts';
import { createActor, type PreRoutingFacts, type RightPlace } from '../../core/access/actor.ts';
import { identify } from '../../core/access/identify.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import { callerName } from './caller-name.ts';
import type { ClientReader, ClientRequest } from './client.ts';
import { readCredentials } from './credentials.ts';
import { doorOf } from './route-access.ts';

/**
 * Decides whether the sender of a repeated read may have the answer from memory. Where not, the request goes to its
 * route, which refuses it with the right error by what was seen here. So a refusal costs as much for what exists, and
 * was read before, as for what does not.
 */
export type AdmissionCheck = (incoming: ClientRequest, where: RightPlace) => Promise<Admitted | NotAdmitted>;

/** Sender of a repeated read who may have the answer. */
export interface Admitted {
  isAdmitted: true;
  /** Name for the log; undefined for anonymous senders. */
  principal: string | undefined;
  /** Id of the space that the sender may read; undefined for one that does not exist. */
  spaceId: number | undefined;
  /** Whether everybody may read the space; else the answer is kept from shared caches. */
  isPublic: boolean;
}

/** Sender of a repeated read who may not have the answer, or has no valid credentials. */
export interface NotAdmitted {
  isAdmitted: false;
  firstLook: PreRoutingFacts;
}

/** Creates the check for the fast path; undefined where everybody may read everything. */
export function createAdmissionCheck(
  access: Access,
  clients: Pick<ClientReader, 'addressOf' | 'baseUrlOf'>,
): AdmissionCheck | undefined {
  if (!access.guarded) return undefined;
  return async (incoming, where) => {
    const door = doorOf(incoming.url ?? '');
    const state = access.readState(where.space);
    const caller = identify(
      access,
      readCredentials(incoming.headers, () => clients.baseUrlOf(incoming)),
      {
        network: networkOf(clients.addressOf(incoming)),
        readRevision: async () => (await state).revision,
        acceptsRegistryTokens: door === 'oci',
      },
    );
    const firstLook = { space: where.space, state, caller };
    const actor = createActor(access, () => caller, { door }, firstLook);
    const isAllowed = await actor.may('chart.read', where).catch(() => false);
    if (!isAllowed) return { isAdmitted: false, firstLook };
    const { space } = await state;
    const isPublic = space?.visibility === 'public';
    return { isAdmitted: true, principal: callerName(await caller), spaceId: space?.id, isPublic };
  };
}
