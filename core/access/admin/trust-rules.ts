import { recordAudit } from '../../audit/record.ts';
import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import { isIssuerUrl } from '../issuer-url.ts';
import { confirmAccountManager, type ManagedPlace, requireAccountManager } from './account-manager.ts';
import type { AccountRef } from './accounts.ts';
import { type AdminDeps, readPage } from './admin.ts';
import { findPrincipal, lockPrincipal } from './principal-rows.ts';

/** Trust in workloads of a provider: who has a token of it, for the audience and with the claims, acts as the account. */
export interface TrustRule {
  id: string;
  issuer: string;
  audience: string;
  /** Claims and their exact values, all of which must be met. */
  claims: Record<string, string>;
  createdAt: Date;
}

/** Trust rule to be created. */
export type NewTrustRule = Pick<TrustRule, 'issuer' | 'audience' | 'claims'>;

/** Limits of rules: of one account, and of the claims and characters of one rule. */
const maxRulesPerAccount = 50;
const maxClaimsPerRule = 20;
const maxClaimNameLength = 100;
const maxRuleTextLength = 500;

/** Claims that are checked for every token, or change with each: none of them says which workload it is. */
const unusableClaims = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

const trustRuleColumnsSql = 'id, issuer, audience, claims, created_at AS "createdAt"';

/** Lists the trust rules of a service account, the oldest first. @throws {RegistryError} `principal.notFound` */
export async function listTrustRules(
  deps: AdminDeps,
  account: AccountRef,
  paging: Paging,
): Promise<Page<TrustRule>> {
  const { spaceId } = await requireAccountManager(deps, account.space);
  const { id } = await findPrincipal(deps.db, { kind: 'account', ...account }, spaceId);
  const query = {
    columns: trustRuleColumnsSql,
    from: 'trust_rules WHERE account_id = $1',
    order: 'created_at, id',
  };
  return readPage(deps.db, query, [id], paging);
}

/**
 * Creates a trust rule of a service account.
 * @throws {RegistryError} `principal.notFound`, `request.invalid`, `trustRule.exists`, `trustRule.tooMany`
 */
export async function createTrustRule(
  deps: AdminDeps,
  account: AccountRef,
  rule: NewTrustRule,
): Promise<TrustRule> {
  const place = await requireAccountManager(deps, account.space);
  checkRule(rule);
  const { issuer, audience, claims } = rule;
  return deps.db.transaction(async (tx) => {
    const { id } = await lockPrincipal(tx, { kind: 'account', ...account }, place.spaceId);
    await confirmAccountManager(tx, deps, place);
    await checkRoomForRule(tx, id, rule);
    const [created] = await tx.query<TrustRule>(
      `INSERT INTO trust_rules (account_id, issuer, audience, claims) VALUES ($1, $2, $3, $4) RETURNING ${trustRuleColumnsSql}`,
      [id, issuer, audience, JSON.stringify(claims)],
    );
    if (!created) throw new Error('the INSERT of a trust rule added no row');
    await recordRuleChange(tx, deps, account, place, 'trust.create', created);
    return created;
  });
}

async function checkRoomForRule(tx: Transaction, id: string, { issuer, audience, claims }: NewTrustRule) {
  const [found] = await tx.query<{ rules: number; same: boolean | null }>(
    `SELECT count(*) AS rules, bool_or(issuer = $2 AND audience = $3 AND claims = $4::jsonb) AS same
       FROM trust_rules WHERE account_id = $1`,
    [id, issuer, audience, JSON.stringify(claims)],
  );
  if (found?.same) throw new RegistryError('trustRule.exists', 'The account has this trust rule already.');
  if ((found?.rules ?? 0) >= maxRulesPerAccount) {
    throw new RegistryError(
      'trustRule.tooMany',
      `The account has ${maxRulesPerAccount} trust rules, and cannot have more. Delete some, or use another account.`,
    );
  }
}

/** Deletes a trust rule. @throws {RegistryError} `principal.notFound`, `trustRule.notFound` */
export async function deleteTrustRule(deps: AdminDeps, account: AccountRef, ruleId: string): Promise<void> {
  const place = await requireAccountManager(deps, account.space);
  await deps.db.transaction(async (tx) => {
    const { id } = await lockPrincipal(tx, { kind: 'account', ...account }, place.spaceId);
    await confirmAccountManager(tx, deps, place);
    const [deleted] = isUuid(ruleId)
      ? await tx.query<TrustRule>(
          `DELETE FROM trust_rules WHERE account_id = $1 AND id = $2 RETURNING ${trustRuleColumnsSql}`,
          [id, ruleId],
        )
      : [];
    if (!deleted) {
      throw new RegistryError(
        'trustRule.notFound',
        'The account has no such trust rule. List them to see their ids.',
      );
    }
    await recordRuleChange(tx, deps, account, place, 'trust.delete', deleted);
  });
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function recordRuleChange(
  tx: Transaction,
  { actor }: AdminDeps,
  { space, name }: AccountRef,
  { right }: ManagedPlace,
  action: 'trust.create' | 'trust.delete',
  { id, issuer, audience, claims }: TrustRule,
): Promise<void> {
  return recordAudit(tx, actor, {
    action,
    right,
    ...(space === undefined ? {} : { space }),
    details: {
      account: name,
      rule: id,
      issuer,
      audience,
      claims: Object.entries(claims).map(([claim, value]) => `${claim}=${value}`),
    },
  });
}

/** Checks a new rule. @throws {RegistryError} `request.invalid` with the pointer of the value at fault */
function checkRule({ issuer, audience, claims }: NewTrustRule): void {
  if (!isIssuerUrl(issuer))
    throw invalidRuleError(
      '/issuer',
      'issuer must be an https address without query; http is for this machine only.',
    );
  if (audience === '' || audience.length > maxRuleTextLength)
    throw invalidRuleError('/audience', `audience must have 1 to ${maxRuleTextLength} characters.`);
  const entries = Object.entries(claims);
  if (entries.length === 0 || entries.length > maxClaimsPerRule) {
    throw invalidRuleError(
      '/claims',
      `claims must have 1 to ${maxClaimsPerRule} entries. Without one every workload of the provider would be trusted.`,
    );
  }
  for (const [name, value] of entries) {
    if (unusableClaims.includes(name))
      throw invalidRuleError(
        '/claims',
        `The claim ${name} does not tell one workload from another. Leave it out.`,
      );
    if (name === '' || name.length > maxClaimNameLength || value === '' || value.length > maxRuleTextLength) {
      throw invalidRuleError(
        '/claims',
        `Each claim must have a name of 1 to ${maxClaimNameLength} characters, and a value of 1 to ${maxRuleTextLength}.`,
      );
    }
  }
}

function invalidRuleError(pointer: string, message: string): RegistryError {
  return new RegistryError('request.invalid', message, { pointer });
}
