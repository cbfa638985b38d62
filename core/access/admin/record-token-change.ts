import { recordAudit } from '../../audit/record.ts';
import type { Transaction } from '../../db/port.ts';
import type { RegistryRight, SpaceRight } from '../rights.ts';
import type { AdminDeps } from './admin.ts';

/** Token that changes, and the right by which it does. */
export interface ChangedToken {
  id: string;
  name: string;
  owner: string;
  /** Space of the service account that owns it. */
  space?: string | null | undefined;
  /** Absent for an own token. */
  right?: SpaceRight | RegistryRight;
}

/** Change of a token, with what the audit has of it. */
export interface TokenChange {
  action: 'token.create' | 'token.rotate' | 'token.revoke';
  /** Number of the tokens made with it that the change ends, or makes end earlier. */
  others?: number;
  expiresAt?: string;
  role?: string | null;
}

/** Records a change of a token. Its id and name are not secrets. */
export function recordTokenChange(
  tx: Transaction,
  { actor }: Pick<AdminDeps, 'actor'>,
  { id, name, right, space, owner }: ChangedToken,
  { action, ...details }: TokenChange,
): Promise<void> {
  return recordAudit(tx, actor, {
    action,
    ...(right === undefined ? {} : { right }),
    ...(typeof space === 'string' ? { space } : {}),
    details: { token: id, tokenName: name, owner, ...details },
  });
}
