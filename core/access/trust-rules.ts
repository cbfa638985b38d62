import { isDeepStrictEqual } from 'node:util';
import type { JWTPayload } from 'jose';
import type { Queryable } from '../db/port.ts';
import type { Principal } from './principal.ts';

/** Trust rule: tokens for the audience with these claims act as the account. */
export interface WorkloadRule {
  id: string;
  audience: string;
  claims: Record<string, unknown>;
  account: Principal;
}

/** Reads the trust rules for an issuer, without those of disabled accounts. */
export function findTrustRules(db: Queryable, issuer: string): Promise<WorkloadRule[]> {
  return db.query<WorkloadRule>(
    `SELECT r.id::text, r.audience, r.claims,
            jsonb_build_object('id', p.id, 'kind', p.kind, 'name', coalesce(s.name || '/', '') || p.name) AS account
       FROM trust_rules r JOIN principals p ON p.id = r.account_id AND p.kind = 'account' AND NOT p.disabled
       LEFT JOIN spaces s ON s.id = p.space_id
      WHERE r.issuer = $1`,
    [issuer],
  );
}

/** Returns the rules that a verified token meets, for each account one. */
export function matchRules(rules: readonly WorkloadRule[], payload: JWTPayload): WorkloadRule[] {
  const met = rules.filter((rule) => meetsRule(payload, rule));
  return [...new Map(met.map((rule) => [rule.account.id, rule])).values()];
}

/**
 * Checks a token against a rule. The token must be for the rule's audience alone: every other service that a token is
 * for could send it here.
 */
function meetsRule(payload: JWTPayload, { audience, claims }: WorkloadRule): boolean {
  if (!isDeepStrictEqual([payload.aud].flat(), [audience])) return false;
  const expected = Object.entries(claims);
  return (
    expected.length > 0 &&
    expected.every(([name, value]) => Object.hasOwn(payload, name) && isDeepStrictEqual(payload[name], value))
  );
}
