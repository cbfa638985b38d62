import type {
  Account,
  AccountsClient,
  NewToken,
  NewTrustRule,
  Page,
  RegistryRole,
  ShownToken,
  SpaceRole,
  TokensClient,
} from '@helm-registry/client';
import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';
import { registryRoles, spaceRoles } from './roles.ts';

/** Service account with a role of its place. */
export type AnyAccount = Account<SpaceRole | RegistryRole>;

/** Place of service accounts: a space, or the registry without one. */
export interface AccountPlace {
  space?: string | undefined;
}

/** Service account by its place and name. */
export interface AccountRef extends AccountPlace {
  account: string;
}

/** Service accounts of a place, with roles as texts of a form; an empty one is not a role. */
interface AccountsOfPlace {
  roles: readonly string[];
  page(page: PageRange, signal: AbortSignal): Promise<Page<AnyAccount>>;
  get(name: string, signal: AbortSignal): Promise<AnyAccount>;
  create(name: string, role: string): Promise<unknown>;
  change(name: string, role: string, disabled: boolean): Promise<unknown>;
  delete(name: string): Promise<void>;
  tokens: AccountsClient<SpaceRole>['tokens'];
  createToken(name: string, wanted: NewToken): Promise<ShownToken>;
  trustRules: AccountsClient<SpaceRole>['trustRules'];
  createTrustRule(name: string, wanted: NewTrustRule): Promise<unknown>;
  deleteTrustRule(name: string, rule: string): Promise<void>;
}

/** Finds the service accounts of a place. */
export function accountsOf({ space }: AccountPlace): AccountsOfPlace {
  return space === undefined
    ? withRolesAsTexts(registry.accounts, registryRoles)
    : withRolesAsTexts(registry.space(space).accounts, spaceRoles);
}

function withRolesAsTexts<Role extends SpaceRole | RegistryRole>(
  accounts: AccountsClient<Role>,
  roles: readonly Role[],
): AccountsOfPlace {
  const read = (text: string) => roles.find((role) => role === text) ?? null;
  return {
    roles,
    page: (page, signal) => accounts.list().page({ ...page, signal }),
    get: (name, signal) => accounts.get(name, { signal }),
    create: (name, role) => accounts.create(name, read(role)),
    change: (name, role, disabled) => accounts.change(name, { role: read(role), disabled }),
    delete: accounts.delete,
    tokens: accounts.tokens,
    createToken: (name, wanted) => accounts.createToken(name, wanted),
    trustRules: accounts.trustRules,
    createTrustRule: (name, wanted) => accounts.createTrustRule(name, wanted),
    deleteTrustRule: (name, rule) => accounts.deleteTrustRule(name, rule),
  };
}

/** Service accounts of a place by name. */
export const accountsQuery = createQuery(({ of, page }: { of: AccountPlace; page: PageRange }, signal) =>
  accountsOf(of).page(page, signal),
);

/** Service account by its name. */
export const accountQuery = createQuery((of: AccountRef, signal) => accountsOf(of).get(of.account, signal));

/** Most trust rules that an account has. */
const maxTrustRules = 50;

/** Workloads that a service account trusts. */
export const trustRulesQuery = createQuery((of: AccountRef, signal) =>
  accountsOf(of).trustRules(of.account).page({ limit: maxTrustRules, signal }),
);

/** Owner of tokens: the reader, a service account, or everybody for admins. */
export type TokenOwner = { kind: 'self' | 'all' } | ({ kind: 'account' } & AccountRef);

/** Tokens of an owner, the newest first. */
export const tokensQuery = createQuery(
  (
    {
      owner,
      filter,
      page,
    }: { owner: TokenOwner; filter: Parameters<TokensClient['list']>[0] & object; page: PageRange },
    signal,
  ) => {
    const tokens =
      owner.kind === 'account'
        ? accountsOf(owner).tokens(owner.account, filter)
        : registry.tokens.list({ ...filter, of: owner.kind });
    return tokens.page({ ...page, signal });
  },
);

/** Creates a token of an owner. */
export function createToken(owner: TokenOwner, wanted: NewToken): Promise<ShownToken> {
  return owner.kind === 'account'
    ? accountsOf(owner).createToken(owner.account, wanted)
    : registry.tokens.create(wanted);
}
