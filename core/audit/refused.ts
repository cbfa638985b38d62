import type { Actor } from '../access/actor.ts';
import { anonymousCaller } from '../access/principal.ts';
import { refusalOf } from '../access/refusals.ts';
import type { RegistryError } from '../errors.ts';
import { type AuditRecord, toAuditRecord } from './event.ts';

/**
 * Makes the record of a request refused for want of a right or credentials.
 * @returns undefined for other errors, and where nobody has said who asks: clients begin without credentials, and send
 *   them when they are asked to
 */
export async function createRefusalRecord(
  actor: Actor,
  error: RegistryError,
): Promise<AuditRecord | undefined> {
  if (!actor.guarded) return undefined;
  const refusal = refusalOf(error);
  if (!refusal) return undefined;
  const { right, space, chart, tokenId, principal } = refusal;
  if (right === undefined) {
    const details = tokenId === undefined ? {} : { details: { tokenId } };
    const failed = toAuditRecord(anonymousCaller, actor.request, {
      action: 'login',
      outcome: 'failed',
      ...details,
    });
    return principal ? { ...failed, caller: { ...principal } } : failed;
  }
  const caller = await actor.caller();
  return toAuditRecord(caller, actor.request, {
    action: 'access',
    outcome: 'denied',
    right,
    ...{ space, chart },
  });
}
