import type { Access } from '../../core/access/access.ts';
import { createActor, type ReadRevision, type Where } from '../../core/access/actor.ts';
import { identify } from '../../core/access/identify.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import { callerName } from './caller-name.ts';
import type { ClientReader, ClientRequest } from './client.ts';
import { readCredentials } from './credentials.ts';
import { doorOf } from './route-access.ts';

/**
 * Decides whether the sender of a repeated read may have the answer from memory.
 * Undefined leaves the request to its route, which refuses it with the right error.
 */
export type Admission = (incoming: ClientRequest, where: Where) => Promise<Admitted | undefined>;

/** Sender of a repeated read who may have the answer. */
export interface Admitted {
  /** Name for the log; undefined for anonymous senders. */
  principal: string | undefined;
}

/** Creates the decision for the fast path; undefined where everybody may read everything. */
export function createAdmission(
  access: Access,
  clients: Pick<ClientReader, 'addressOf' | 'baseUrlOf'>,
): Admission | undefined {
  if (!access.guarded) return undefined;
  return async (incoming, where) => {
    const door = doorOf(incoming.url ?? '');
    const presented = (readRevision: ReadRevision) =>
      identify(
        access,
        readCredentials(incoming.headers, () => clients.baseUrlOf(incoming)),
        {
          network: networkOf(clients.addressOf(incoming)),
          readRevision,
          acceptsRegistryTokens: door === 'oci',
        },
      );
    const actor = createActor(access, presented, { door });
    const isAllowed = await actor.may('chart.read', where).catch(() => false);
    return isAllowed ? { principal: callerName(await actor.caller()) } : undefined;
  };
}
