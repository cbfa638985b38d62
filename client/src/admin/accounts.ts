import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  Account,
  AccountChange,
  NewToken,
  NewTrustRule,
  RegistryRole,
  ShownToken,
  Token,
  TokenFilter,
  TrustRule,
} from '../types/access.ts';
import type { SpaceRole } from '../types/charts.ts';

/** Service accounts of a space or of the registry. */
export interface AccountsClient<Role extends SpaceRole | RegistryRole> {
  /** Accounts by name. */
  list(options?: CallOptions): List<Account<Role>>;
  create(name: string, role?: Role | null, options?: CallOptions): Promise<Account<Role>>;
  get(name: string, options?: CallOptions): Promise<Account<Role>>;
  change(name: string, change: AccountChange<Role>, options?: CallOptions): Promise<Account<Role>>;
  /** Deletes an account with its tokens and trust rules. */
  delete(name: string, options?: CallOptions): Promise<void>;
  /** Tokens of an account, the newest first. */
  tokens(name: string, filter?: TokenFilter, options?: CallOptions): List<Token>;
  /** Creates a token, whose text is shown this once. */
  createToken(name: string, wanted: NewToken, options?: CallOptions): Promise<ShownToken>;
  /** Workloads that an account trusts, the oldest first. */
  trustRules(name: string, options?: CallOptions): List<TrustRule>;
  createTrustRule(name: string, wanted: NewTrustRule, options?: CallOptions): Promise<TrustRule>;
  deleteTrustRule(name: string, rule: string, options?: CallOptions): Promise<void>;
}

/** Creates the client of service accounts. @param placePath path of a space, or `/api/v1` */
export function createAccounts<Role extends SpaceRole | RegistryRole>(
  transport: Transport,
  placePath: string,
): AccountsClient<Role> {
  const path = `${placePath}/accounts`;
  const pathOf = (name: string) => `${path}/${encodeSegment(name)}`;
  const rulesOf = (name: string) => `${pathOf(name)}/trust-rules`;
  const tokensOf = (name: string) => `${pathOf(name)}/tokens`;
  return {
    list: (options) => createList(transport, { ...options, path }),
    create: (name, role, options) =>
      transport.json({ ...options, method: 'POST', path, body: jsonBody({ name, role }) }),
    get: (name, options) => transport.json({ ...options, path: pathOf(name) }),
    change: (name, change, options) =>
      transport.json({ ...options, method: 'PATCH', path: pathOf(name), body: jsonBody(change) }),
    delete: (name, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(name) }),
    tokens: (name, filter, options) =>
      createList(transport, { ...options, path: tokensOf(name), query: { ...filter } }),
    createToken: (name, wanted, options) =>
      transport.json({ ...options, method: 'POST', path: tokensOf(name), body: jsonBody(wanted) }),
    trustRules: (name, options) => createList(transport, { ...options, path: rulesOf(name) }),
    createTrustRule: (name, wanted, options) =>
      transport.json({ ...options, method: 'POST', path: rulesOf(name), body: jsonBody(wanted) }),
    deleteTrustRule: (name, rule, options) =>
      transport.done({ ...options, method: 'DELETE', path: `${rulesOf(name)}/${encodeSegment(rule)}` }),
  };
}
