import { type AccountsClient, createAccounts } from './admin/accounts.ts';
import { type AuditClient, createAudit } from './admin/audit.ts';
import { createDevice, type DeviceClient } from './admin/device.ts';
import { createGroups, type GroupsClient } from './admin/groups.ts';
import { createTokens, type TokensClient } from './admin/tokens.ts';
import { createUsers, type UsersClient } from './admin/users.ts';
import { changePassword, readWhoAmI } from './admin/whoami.ts';
import { listFollows } from './charts/follows.ts';
import { listOutdated } from './charts/outdated.ts';
import { type SearchPage, searchCharts } from './charts/search.ts';
import { createSpace, type SpaceClient } from './charts/space.ts';
import { createSpaces, type SpacesClient } from './charts/spaces.ts';
import { createJobHandle, type JobHandle } from './jobs/job-handle.ts';
import { createJobs, type JobsClient } from './jobs/jobs.ts';
import { type ComposeOptions, type DryRunOptions, sendDryRun, submitRecipe } from './jobs/submit.ts';
import type { CursorList } from './lists/cursor-list.ts';
import type { List } from './lists/list.ts';
import { encodeSegment } from './transport/address.ts';
import type { CallOptions, ClientOptions } from './transport/options.ts';
import { createTransport } from './transport/transport.ts';
import type { RegistryRole, WhoAmI } from './types/access.ts';
import type { FoundChart, SearchQuery } from './types/charts.ts';
import type { DryRun } from './types/composition.ts';
import type { FollowFilter, ListedFollow } from './types/follows.ts';
import type { ComposedState, OutdatedFilter } from './types/outdated.ts';
import type { Recipe } from './types/recipes.ts';

/**
 * Client of a registry. Methods that send a request throw `RegistryError`, or the reason of the signal that ends them.
 * Lists send no request before a page or an item is wanted.
 */
export interface Client {
  readonly spaces: SpacesClient;
  readonly jobs: JobsClient;
  readonly tokens: TokensClient;
  /** Log-ins of commands, which a user approves in a browser. */
  readonly device: DeviceClient;
  readonly users: UsersClient;
  readonly groups: GroupsClient;
  /** Service accounts of the registry; those of a space are at `space(name).accounts`. */
  readonly accounts: AccountsClient<RegistryRole>;
  readonly audit: AuditClient;
  /** Names a space, without a request. */
  space(name: string): SpaceClient;
  /** Searches charts by their latest versions, the best match first. */
  search(query: SearchQuery, options?: CallOptions): List<FoundChart, SearchPage>;
  /** Composed versions, each with whether it is up to date. */
  outdated(filter?: OutdatedFilter, options?: CallOptions): CursorList<ComposedState>;
  /** Follows of charts, those that have failed first. */
  follows(filter?: FollowFilter, options?: CallOptions): CursorList<ListedFollow>;
  /** Sends a recipe, which makes a chart in a space; a text is YAML. */
  compose(space: string, recipe: Recipe | string, options?: ComposeOptions): Promise<JobHandle>;
  /** Tells what a recipe would make, and stores nothing. */
  dryRun(space: string, recipe: Recipe | string, options?: DryRunOptions): Promise<DryRun>;
  /** Tells who the caller is, and what it may do. */
  whoami(options?: CallOptions): Promise<WhoAmI>;
  /** Changes the password of the caller. */
  changePassword(passwords: { old: string; new: string }, options?: CallOptions): Promise<void>;
}

/** Creates a client. Nothing is requested before a method is called. @throws {TypeError} for options that are not right */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options);
  const recipePath = (space: string) => `/api/v1/spaces/${encodeSegment(space)}/compositions`;
  return {
    spaces: createSpaces(transport),
    jobs: createJobs(transport),
    tokens: createTokens(transport),
    device: createDevice(transport),
    users: createUsers(transport),
    groups: createGroups(transport),
    accounts: createAccounts(transport, '/api/v1'),
    audit: createAudit(transport),
    space: (name) => createSpace(transport, name),
    search: (query, call) => searchCharts(transport, query, call),
    outdated: (filter, call) => listOutdated(transport, filter, call),
    follows: (filter, call) => listFollows(transport, filter, call),
    compose: async (space, recipe, call) =>
      createJobHandle(transport, await submitRecipe(transport, recipePath(space), recipe, call)),
    dryRun: (space, recipe, call) => sendDryRun(transport, recipePath(space), recipe, call),
    whoami: (call) => readWhoAmI(transport, call),
    changePassword: (passwords, call) => changePassword(transport, passwords, call),
  };
}
