import type { RegistryRole, SpaceRole, Visibility } from '../../../core/access/rights.ts';
import { covers, type TestCaller } from './callers.ts';
import type { Case } from './cases.ts';

/**
 * Outcome of a case: a status; that the request gets past the check of rights; or that it does, and what it lists
 * includes the space or its job, or does not.
 */
export type Outcome = number | 'passes' | 'shows' | 'hides';

/** Roles that have each right, written down here once more: the table of the program must agree. */
export const rolesOf: Record<string, readonly SpaceRole[]> = {
  'chart.read': ['reader', 'publisher', 'maintainer', 'owner'],
  'job.read': ['reader', 'publisher', 'maintainer', 'owner'],
  'chart.publish': ['publisher', 'maintainer', 'owner'],
  'chart.replace': ['maintainer', 'owner'],
  'chart.delete': ['maintainer', 'owner'],
  'chart.disclose': ['maintainer', 'owner'],
  'job.cancel': ['maintainer', 'owner'],
  'webhook.manage': ['maintainer', 'owner'],
  'retention.manage': ['maintainer', 'owner'],
  'space.configure': ['owner'],
  'space.delete': ['owner'],
  'member.manage': ['owner'],
  'account.manage': ['owner'],
  'audit.read': ['owner'],
};
/** Roles of the registry that have each right in it. */
export const registryRolesOf: Record<string, readonly RegistryRole[]> = {
  'space.create': ['creator', 'admin'],
  'quota.set': ['admin'],
  'principal.manage': ['admin'],
  'audit.readAll': ['auditor', 'admin'],
};

/** Caller in a space of some visibility. */
interface Asker {
  caller: TestCaller;
  visibility: Visibility;
}

function hasInRegistry({ caller }: Asker, right: string): boolean {
  const { registryRole } = caller;
  return registryRole !== undefined && registryRolesOf[right]?.includes(registryRole) === true;
}

function hasRole({ caller, visibility }: Asker, right: string): boolean {
  const role = caller.role(visibility);
  return role !== undefined && rolesOf[right]?.includes(role) === true;
}

/** Whether a caller has a right for a chart, or for all of them. */
function has(asker: Asker, right: string, chart?: string): boolean {
  if (!hasRole(asker, right)) return false;
  const isForAll = asker.visibility === 'public' && rolesOf[right]?.includes('reader');
  return isForAll || covers(asker.caller, chart);
}

const shown = (isShown: boolean): Outcome => (isShown ? 'shows' : 'hides');
const refused = ({ caller }: Asker, status: number): Outcome => (caller.kind === 'anonymous' ? 401 : status);

/** Chart that the job of the matrix has composed, from the chart `web`. */
const made = 'made';
const readsJob = (asker: Asker) => has(asker, 'job.read', made) || asker.caller.isAuthor === true;

/** Whether a caller knows the recipe since it sent it, and not by a token that is for other charts than its source. */
const knowsRecipe = ({ caller }: Asker) => caller.isAuthor === true && caller.charts === undefined;

/** Computes the outcome of a request that needs a right to the job, beside that to see it. */
function ofJob(asker: Asker, isAllowed: boolean): Outcome {
  if (!readsJob(asker)) return refused(asker, 404);
  return isAllowed ? 'passes' : refused(asker, 403);
}

const listOfSpaces = (asker: Asker) => shown(has(asker, 'chart.read'));
const listOfJobs = (asker: Asker) => shown(has(asker, 'job.read') || asker.caller.isAuthor === true);
const seesJob = (asker: Asker) => ofJob(asker, true);

/** Outcomes of the routes whose handlers check the right, or filter by it. */
const handlerOutcomes: Record<string, (asker: Asker, request: Case) => Outcome> = {
  'GET /api/v1/spaces': listOfSpaces,
  'GET /api/v1/details': listOfSpaces,
  'GET /api/v1/outdated': listOfSpaces,
  'GET /api/v1/follows': listOfSpaces,
  'GET /api/v1/search': (asker, { path }) =>
    path.includes('space=') && !has(asker, 'chart.read') ? ofUnreadList(asker) : listOfSpaces(asker),
  'GET /v2/_catalog': (asker) => (asker.caller.kind === 'anonymous' ? 401 : listOfSpaces(asker)),
  'GET /v2/': (asker) => (asker.caller.kind === 'anonymous' ? 401 : 'passes'),
  'GET /api/v1/jobs': listOfJobs,
  'GET /api/v1/jobs/counts': listOfJobs,
  'GET /api/v1/jobs/events': () => 'passes',
  'GET /api/v1/jobs/:id': seesJob,
  'GET /api/v1/jobs/:id/events': seesJob,
  'GET /api/v1/jobs/:id/deliveries': seesJob,
  'GET /api/v1/jobs/:id/recipe': (asker) =>
    ofJob(asker, has(asker, 'chart.read', 'web') || knowsRecipe(asker)),
  'DELETE /api/v1/jobs/:id': (asker) =>
    ofJob(asker, has(asker, 'job.cancel', made) || asker.caller.isAuthor === true),
  'POST /api/v1/jobs/:id/deliveries/:delivery/replay': (asker) =>
    ofJob(asker, has(asker, 'webhook.manage', made) || asker.caller.isAuthor === true),
  'GET /api/v1/audit': (asker, { path }) =>
    hasInRegistry(asker, 'audit.readAll') || (path.includes('space=') && has(asker, 'audit.read'))
      ? 'passes'
      : refused(asker, 403),
};

/** Lists the routes whose outcome is stated here by hand. */
export function listHandlerRoutes(): string[] {
  return Object.keys(handlerOutcomes);
}

/** Computes the outcome of a list of all charts for a caller who may not have it. */
function ofUnreadList(asker: Asker): Outcome {
  return refused(asker, hasRole(asker, 'chart.read') ? 403 : 404);
}

/** Actions of a registry token by the right that they are for. It has no others. */
const actionOf: Record<string, string> = {
  'chart.read': 'pull',
  'chart.publish': 'push',
  'chart.delete': 'delete',
};

/** Whether a caller's credentials are wrong for a request. Registry tokens are for the OCI interface alone. */
export function isWrongFor({ kind, scopes }: TestCaller, { path }: Pick<Case, 'path'>): boolean {
  return kind === 'wrong' || (scopes !== undefined && !path.startsWith('/v2/'));
}

/** Computes the outcome of a case; undefined for one that has tests of its own. */
export function expectedOf(caller: TestCaller, request: Case, visibility: Visibility): Outcome | undefined {
  const { access, route } = request;
  const outcome = outcomeWithoutScopes(caller, request, visibility);
  if (!caller.scopes) return outcome;
  // No registry token is exchanged for the next.
  if (isWrongFor(caller, request) || route === 'GET /v2/token') return 401;
  if (route === 'GET /v2/_catalog') return caller.scopes.includes('catalog') ? outcome : 401;
  if (outcome !== 'passes' || !('right' in access) || 'checkedBy' in access) return outcome;
  return caller.scopes.some((scope) => scope === actionOf[access.right]) ? outcome : 401;
}

function outcomeWithoutScopes(
  caller: TestCaller,
  request: Case,
  visibility: Visibility,
): Outcome | undefined {
  const { access, chart, route } = request;
  const asker = { caller, visibility };
  if (caller.isSession) {
    // A log-out would end the session, and a log-in page is there for ended sessions too.
    if (route === 'POST /logout' || (caller.kind === 'wrong' && 'anyone' in access)) return undefined;
    // A registry token would outlast the log-out.
    if (route === 'GET /v2/token') return 401;
  }
  if (caller.kind === 'wrong') return 401;
  if ('anyone' in access) return 'passes';
  if ('known' in access) return refused(asker, 0) || 'passes';
  if ('registryRight' in access)
    return hasInRegistry(asker, access.registryRight) ? 'passes' : refused(asker, 403);
  if ('checkedBy' in access) return handlerOutcomes[route]?.(asker, request);
  const { right } = access;
  const isRead = right === 'chart.read' || right === 'job.read';
  const isLater = 'chart' in access;
  if (has(asker, right, chart) || (isLater && chart === undefined && hasRole(asker, right))) return 'passes';
  if (!hasRole(asker, 'chart.read')) return refused(asker, isRead ? 404 : 403);
  // A token for other charts learns nothing of this one; of a list it learns that it may not have it.
  return refused(asker, isRead && chart !== undefined ? 404 : 403);
}
