import { z } from 'zod';
import { hashPassword } from '../../../core/access/passwords.ts';
import type { RepositoryAction } from '../../../core/access/registry-scopes.ts';
import type { RegistryRole, SpaceRole, Visibility } from '../../../core/access/rights.ts';
import { beginSession } from '../../../core/access/sessions.ts';
import { createClient, type TestClient } from '../../support/client.ts';
import type { EmbeddedRegistry } from '../../support/embedded.ts';
import { createPrincipals } from '../../support/guarded.ts';
import type { TestProvider } from '../../support/oidc-provider.ts';
import { addAccount, addGroup, addTrustRule } from '../../support/principals.ts';

/** Caller of the matrix: its role in the space for each visibility, and in the registry. */
export interface TestCaller {
  client: Pick<TestClient, 'request'>;
  kind: 'anonymous' | 'known' | 'wrong';
  role: (visibility: Visibility) => SpaceRole | undefined;
  registryRole?: RegistryRole;
  /** Charts of the space that its token is narrowed to. */
  charts?: readonly string[];
  /** Whether it sent the recipe of the job. */
  isAuthor?: boolean;
  /** Whether it is a browser with a session. */
  isSession?: boolean;
  /** Scopes of its registry token in the repository `web`, and of the catalog. */
  scopes?: readonly (RepositoryAction | 'catalog')[];
}

type Rest = Omit<TestCaller, 'client' | 'kind' | 'role'>;

const everybody = (visibility: Visibility) => (visibility === 'private' ? undefined : 'reader');
const publicOnly = (visibility: Visibility) => (visibility === 'public' ? 'reader' : undefined);

/** Name of the space that the callers of the matrix have roles in. */
export const space = 'main';

/**
 * Creates callers of all kinds. They differ by role, by proof, and by bounds of the token.
 * @param provider issuer of the tokens of CI jobs
 */
export async function addCallers(
  registry: EmbeddedRegistry,
  provider: TestProvider,
): Promise<Map<string, TestCaller>> {
  const { db, urls, url } = registry;
  const principals = createPrincipals(db, urls);
  const callers = new Map<string, TestCaller>();
  const add = (name: string, client: TestCaller['client'], role: TestCaller['role'], rest: Rest = {}) =>
    callers.set(name, { client, kind: 'known', role, ...rest });
  const clientOf = async (principal: string, bounds = {}) =>
    (await principals.addToken(principal, bounds)).client;
  /** Adds a user with a role in the space. */
  const addMember = async (name: string, role: SpaceRole | undefined) => {
    const id = await principals.addUser(name);
    await principals.setRole(id, space, role);
    return id;
  };
  await principals.addSpace('elsewhere', 'private');

  const admin = await principals.addUser('root', 'admin');
  add('an admin', await clientOf(admin), () => 'owner', { registryRole: 'admin' });
  add("an admin's token for publishers", await clientOf(admin, { role: 'publisher' }), () => 'publisher');
  for (const role of ['reader', 'publisher', 'maintainer'] as const)
    add(`a ${role}`, await clientOf(await addMember(role, role)), () => role);
  const owner = await addMember('owner', 'owner');
  add('an owner', await clientOf(owner), () => 'owner');
  for (const registryRole of ['auditor', 'creator'] as const) {
    const client = await clientOf(await principals.addUser(registryRole, registryRole));
    const role = registryRole === 'auditor' ? () => 'reader' as const : everybody;
    add(`a registry's ${registryRole}`, client, role, { registryRole });
  }
  add('a stranger', await clientOf(await principals.addUser('stranger')), everybody);
  const author = await addMember('author', 'publisher');
  add('the author of the job', await clientOf(author), () => 'publisher', { isAuthor: true });

  const charts = ['made'];
  const forMade = await clientOf(author, { charts });
  add("the author's token for the chart that was made", forMade, () => 'publisher', {
    charts,
    isAuthor: true,
  });

  // Tokens of the owner, narrowed.
  const narrow = async (name: string, bounds: object, role: TestCaller['role'], rest?: Rest) =>
    add(`an owner's token for ${name}`, await clientOf(owner, bounds), role, rest);
  await narrow('readers', { role: 'reader' }, () => 'reader');
  await narrow('the space', { spaces: [space] }, () => 'owner');
  await narrow('another space', { spaces: ['elsewhere'] }, publicOnly);
  await narrow('the chart of the recipe', { charts: ['we*'] }, () => 'owner', { charts: ['web'] });
  const both = { charts: ['m?de', 'web*'] };
  await narrow('both charts', both, () => 'owner', { charts: ['web', 'made'] });
  await narrow('other charts', { charts: ['db', 'w?'] }, () => 'owner', { charts: [] });
  const bounds = { spaces: [space], role: 'publisher', charts: ['w?b*'] } as const;
  await narrow('all bounds at once', bounds, () => 'publisher', { charts: ['web'] });

  // Other ways to have a role, and to prove it.
  const group = await addGroup(db, 'platform');
  await principals.setRole(group, space, 'maintainer');
  const member = await addMember('member', 'reader');
  await db.query('INSERT INTO group_members (group_id, user_id) VALUES ($1, $2)', [group, member]);
  add('a member of a group of maintainers', await clientOf(member), () => 'maintainer');
  const robot = await addAccount(db, space, 'robot');
  await principals.setRole(robot, space, 'publisher');
  add("the space's service account", await clientOf(robot), () => 'publisher');
  const foreign = await addAccount(db, 'elsewhere', 'foreign');
  await principals.setRole(foreign, 'elsewhere', 'owner');
  add("another space's service account", await clientOf(foreign), everybody);
  const { text } = await principals.addToken(await addMember('basic', 'maintainer'));
  const basic = `Basic ${Buffer.from(`any:${text}`).toString('base64')}`;
  add('a maintainer by Basic', createClient(urls, basic), () => 'maintainer');
  const known = await addMember('known', 'maintainer');
  const password = 'a password of the matrix';
  const hash = await hashPassword(password);
  await db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [known, hash]);
  const pair = `Basic ${Buffer.from(`known:${password}`).toString('base64')}`;
  add('a maintainer by password', createClient(urls, pair), () => 'maintainer');
  add('a CI job', createClient(urls, await signJob(db, provider, robot)), () => 'publisher');
  const pusher = await clientOf(await addMember('pusher', 'maintainer'));
  for (const scopes of [['pull', 'push', 'delete', 'catalog'], ['pull']] as const) {
    const name = `a maintainer's registry token to ${scopes.join(', ')}`;
    add(name, createScopedClient(urls, pusher, scopes), () => 'maintainer', { scopes });
  }
  const browserOf = async (user: string) => {
    const session = await beginSession(db, user, 3600);
    return createBrowser(createClient(urls), { Cookie: `helm-registry=${session?.secret}`, Origin: url });
  };
  const isSession = true;
  add("an owner's session", await browserOf(owner), () => 'owner', { isSession });
  add("a stranger's session", await browserOf(await principals.addUser('visitor')), everybody, { isSession });

  callers.set('nobody', { client: createClient(urls), kind: 'anonymous', role: publicOnly });
  await addWrong(registry, callers, admin);
  return callers;
}

/** Lets jobs of a provider act as an account. @returns the header of such a job, for the hour that a run takes at most */
async function signJob(
  db: EmbeddedRegistry['db'],
  { issuer, sign }: TestProvider,
  account: string,
): Promise<string> {
  const rule = { issuer, audience: 'the registry of the matrix' };
  await addTrustRule(db, account, { ...rule, claims: { repository_id: '4711' } });
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const text = await sign({ iss: issuer, aud: rule.audience, sub: 'a job', repository_id: '4711', exp });
  return `Bearer ${text}`;
}

const registryToken = z.looseObject({ token: z.string() });
/** Milliseconds for which one registry token is used. It ends after five minutes, which a slow machine may need. */
const registryTokenUseMs = 120_000;

/** Makes a client that sends a registry token for scopes, and asks for the next one in time. */
function createScopedClient(
  urls: readonly string[],
  origin: TestClient,
  scopes: NonNullable<TestCaller['scopes']>,
): TestCaller['client'] {
  const actions = scopes.filter((scope) => scope !== 'catalog').join(',');
  const asked = scopes.includes('catalog') ? ['registry:catalog:*'] : [];
  const query = new URLSearchParams(
    [`repository:${space}/web:${actions}`, ...asked].map((scope): [string, string] => ['scope', scope]),
  );
  const client = createClient(urls);
  let [text, renewAt] = ['', 0];
  return {
    async request(path, init) {
      if (Date.now() > renewAt) {
        const answer = await origin.request(`/v2/token?${query}`);
        [text, renewAt] = [registryToken.parse(await answer.json()).token, Date.now() + registryTokenUseMs];
      }
      const headers = new Headers(init?.headers);
      headers.set('Authorization', `Bearer ${text}`);
      return client.request(path, { ...init, headers });
    },
  };
}

/** Adds callers whose credentials are not valid. */
async function addWrong(
  { db, urls, url }: EmbeddedRegistry,
  callers: Map<string, TestCaller>,
  admin: string,
): Promise<void> {
  const principals = createPrincipals(db, urls);
  const add = (name: string, client: TestCaller['client'], rest: Rest = {}) =>
    callers.set(name, { client, kind: 'wrong', role: () => undefined, ...rest });
  const bearer = (text: string) => createClient(urls, `Bearer ${text}`);
  add('an unknown token', bearer(`hrt_0123456789abcdef_${'a'.repeat(43)}`));
  add('a malformed token', bearer('hrt_x'));
  add('an expired token', bearer((await principals.addToken(admin, { seconds: -1 })).text));
  const { text } = await principals.addToken(admin);
  add('a token with another secret', bearer(`${text.slice(0, -3)}AAA`));
  const disabled = await principals.addUser('disabled', 'admin');
  add('a disabled admin', bearer((await principals.addToken(disabled)).text));
  await db.query("UPDATE principals SET disabled = true WHERE name = 'disabled'");
  const cookie = { Cookie: `helm-registry=${'a'.repeat(43)}`, Origin: url };
  add('an ended session', createBrowser(createClient(urls), cookie), { isSession: true });
}

/** Makes a client that sends headers of a browser with each request. */
export function createBrowser(client: TestClient, headers: Record<string, string>): TestClient {
  const request: TestClient['request'] = (path, init) => {
    const all = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return client.request(path, { ...init, headers: all });
  };
  return { ...client, request, api: (path, init) => request(`/api/v1${path}`, init) };
}

/** Whether the charts that a caller's token is narrowed to include one. Tokens without such bounds include all. */
export function covers({ charts }: TestCaller, chart: string | undefined): boolean {
  return charts === undefined || (chart !== undefined && charts.includes(chart));
}
