import type { IncomingMessage } from 'node:http';
import type { Access } from '../../core/access/access.ts';
import { createActor, type Where } from '../../core/access/actor.ts';
import { identify } from '../../core/access/identify.ts';
import { readCredentials } from './credentials.ts';

/**
 * Decides whether the sender of a repeated read may have the answer from memory.
 * False leaves the request to its route, which refuses it with the right error.
 */
export type Admission = (incoming: Pick<IncomingMessage, 'headers'>, where: Where) => Promise<boolean>;

/** Creates the decision for the fast path; undefined where everybody may read everything. */
export function createAdmission(access: Access): Admission | undefined {
  if (!access.guarded) return undefined;
  return (incoming, where) => {
    const actor = createActor(access, () => identify(access, readCredentials(incoming.headers)), {
      door: 'repository',
    });
    return actor.may('chart.read', where).catch(() => false);
  };
}
