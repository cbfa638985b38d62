import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDeclared } from '../../api/access/declared-routes.ts';
import type { RouteAccess } from '../../api/access/route-access.ts';
import { createApp } from '../../api/app.ts';
import { listOciRoutes } from '../../api/oci/mount.ts';
import type { SpaceRole, Visibility } from '../../core/access/rights.ts';
import { packChart } from '../support/charts.ts';
import { createClient, type TestClient } from '../support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { createPrincipals } from '../support/guarded.ts';
import { digest } from '../support/oci.ts';

/** Request to a route, made from the table of routes. */
interface Case {
  method: string;
  path: string;
  access: RouteAccess;
}

/** Caller of the matrix: its role in the space for each visibility, and in the registry. */
interface TestCaller {
  client: TestClient;
  kind: 'anonymous' | 'known' | 'wrong';
  role: (visibility: Visibility) => SpaceRole | undefined;
  registryRole?: 'admin' | 'auditor' | 'creator';
}

/** Roles that have each right, written down here once more: the table of the program must agree. */
const rolesOf: Record<string, readonly SpaceRole[]> = {
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
const registryRolesOf: Record<string, readonly string[]> = {
  'space.create': ['creator', 'admin'],
  'principal.manage': ['admin'],
  'audit.readAll': ['auditor', 'admin'],
};

let registry: EmbeddedRegistry;
let archive: Buffer;
let jobId: string;
let cases: Case[];
const callers = new Map<string, TestCaller>();

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded', rootSpace: 'main' });
  const principals = createPrincipals(registry.db, registry.urls);
  const clientOf = async (user: string, bounds = {}) => (await principals.addToken(user, bounds)).client;
  const everybody = (visibility: Visibility) => (visibility === 'private' ? undefined : 'reader');

  const admin = await principals.addUser('root', 'admin');
  callers.set('an admin', {
    client: await clientOf(admin),
    kind: 'known',
    role: () => 'owner',
    registryRole: 'admin',
  });
  await registry.db.query("UPDATE spaces SET visibility = 'private'");
  for (const role of ['reader', 'publisher', 'maintainer', 'owner'] as const) {
    const user = await principals.addUser(role);
    await principals.setRole(user, 'main', role);
    callers.set(`a ${role}`, { client: await clientOf(user), kind: 'known', role: () => role });
  }
  for (const registryRole of ['auditor', 'creator'] as const) {
    const role = registryRole === 'auditor' ? () => 'reader' as const : everybody;
    const client = await clientOf(await principals.addUser(registryRole, registryRole));
    callers.set(`a registry's ${registryRole}`, { client, kind: 'known', role, registryRole });
  }
  const stranger = await principals.addUser('stranger');
  callers.set('a stranger', { client: await clientOf(stranger), kind: 'known', role: everybody });
  callers.set("an owner's token for readers", {
    client: await clientOf(await findUser('owner'), { role: 'reader' }),
    kind: 'known',
    role: () => 'reader',
  });
  await principals.addSpace('elsewhere', 'private');
  callers.set("an owner's token for another space", {
    client: await clientOf(await findUser('owner'), { spaces: ['elsewhere'] }),
    kind: 'known',
    role: (visibility) => (visibility === 'public' ? 'reader' : undefined),
  });
  callers.set('nobody', {
    client: createClient(registry.urls),
    kind: 'anonymous',
    role: (visibility) => (visibility === 'public' ? 'reader' : undefined),
  });
  const wrong = (authorization: string): TestCaller => ({
    client: createClient(registry.urls, authorization),
    kind: 'wrong',
    role: () => undefined,
  });
  callers.set('an unknown token', wrong(`Bearer hrt_0123456789abcdef_${'a'.repeat(43)}`));
  callers.set('a malformed token', wrong('Bearer hrt_x'));
  const expired = await principals.addToken(admin, { seconds: -1 });
  callers.set('an expired token', wrong(`Bearer ${expired.text}`));
  const known = await principals.addToken(admin);
  callers.set('a token with another secret', wrong(`Bearer ${known.text.slice(0, -3)}AAA`));
  const disabled = await principals.addUser('disabled', 'admin');
  callers.set('a disabled admin', wrong(`Bearer ${(await principals.addToken(disabled)).text}`));
  await registry.db.query("UPDATE principals SET disabled = true WHERE name = 'disabled'");

  archive = await packChart({ name: 'web', values: { a: 1 }, files: { 'templates/a.yaml': 'a: 1\n' } });
  const client = callers.get('an admin')?.client ?? registry;
  expect((await client.upload('main', archive)).status).toBe(201);
  const composed = await client.orchestrate('main', recipe(), {});
  jobId = Object(await composed.json()).id;
  cases = listCases();
});
afterAll(() => registry.close());

async function findUser(name: string): Promise<string> {
  const [row] = await registry.db.query<{ id: string }>('SELECT id FROM principals WHERE name = $1', [name]);
  return row?.id ?? '';
}

function recipe() {
  return {
    configs: { package: { space: 'main', chart: 'web', version: '1.0.0' } },
    save: { chart: 'made', version: '1.0.0' },
  };
}

/** Lists a request for each route of each interface. */
function listCases(): Case[] {
  const { context } = registry;
  const routes = listDeclared(createApp(context).routes).filter(({ method }) => method !== 'ALL');
  const values: Record<string, string> = {
    space: 'main',
    chart: 'web',
    version: '1.0.0',
    other: '1.0.0',
    path: 'templates/a.yaml',
    id: jobId,
  };
  const http = routes.map(({ method, path, access }) => ({
    method,
    access,
    path: path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_, name: string) =>
      name === 'file'
        ? path.startsWith('/docs')
          ? 'swagger-ui.css'
          : 'web-1.0.0.tgz'
        : (values[name] ?? 'x'),
    ),
  }));
  const blob = digest(archive);
  const ends: Record<string, string> = {
    uploads: 'blobs/uploads/',
    upload: `blobs/uploads/${'0'.repeat(36)}`,
    blob: `blobs/${blob}`,
    manifest: 'manifests/1.0.0',
    tags: 'tags/list',
    referrers: `referrers/${blob}`,
  };
  const oci = listOciRoutes(context).map(({ method, kind, access }) => ({
    method,
    access,
    path: `/v2/main/web/${ends[kind]}`,
  }));
  return [...http, ...oci];
}

/** Turns a deletion to something that is not there, so that one that is allowed leaves the next cases their charts. */
function harmless({ method, path }: Case): string {
  if (method !== 'DELETE') return path;
  return path.replace('/web/manifests/1.0.0', '/web/manifests/9.9.9').replace('/charts/web', '/charts/gone');
}

async function send(client: TestClient, { method, path }: Pick<Case, 'method' | 'path'>) {
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const response = await client.request(path, {
    method,
    redirect: 'manual',
    ...(hasBody ? { body: 'no body that is accepted', headers: { 'Content-Type': 'text/plain' } } : {}),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Computes the outcome of a case: a status, or that the request gets past the check of rights. */
function expectedOf(caller: TestCaller, { access }: Case, visibility: Visibility): number | 'passes' {
  if (caller.kind === 'wrong') return 401;
  if ('anyone' in access) return 'passes';
  if ('known' in access) return caller.kind === 'anonymous' ? 401 : 'passes';
  if ('registryRight' in access) {
    if (registryRolesOf[access.registryRight]?.includes(caller.registryRole ?? '')) return 'passes';
    return caller.kind === 'anonymous' ? 401 : 403;
  }
  const role = caller.role(visibility);
  if (role !== undefined && rolesOf[access.right]?.includes(role)) return 'passes';
  if (caller.kind === 'anonymous') return 401;
  if (role !== undefined) return 403;
  return access.right === 'chart.read' || access.right === 'job.read' ? 404 : 403;
}

/** Sends every case as one caller, one after the other. @returns the answers that the table of rights does not expect */
async function findFaults([name, caller]: [string, TestCaller], visibility: Visibility): Promise<string[]> {
  const faults: string[] = [];
  for (const route of cases) {
    const { access } = route;
    // Routes whose handler decides have tests of their own; only wrong credentials are refused before it.
    if ('checkedBy' in access && caller.kind !== 'wrong') continue;
    const deletesSpace = 'right' in access && access.right === 'space.delete';
    if (deletesSpace && caller.role(visibility) === 'owner') continue;
    const expected = expectedOf(caller, route, visibility);
    const { status, text } = await send(caller.client, { method: route.method, path: harmless(route) });
    // The description of the interface lists the codes of all errors.
    const tellsAbsent = route.path !== '/openapi.json' && absentCodes.test(text);
    const passes = status !== 401 && status !== 403 && status < 500 && !tellsAbsent;
    const mayBeAbsent =
      route.path.includes('/uploads/') ||
      /prov|lineage|recipe|follow$|mirror|icon$|1\.0\.0\/outdated|\/x(\/|$)/.test(route.path);
    const isRight =
      expected === 'passes'
        ? passes && (route.method !== 'GET' || status < 400 || mayBeAbsent)
        : status === expected || (expected === 401 && caller.kind === 'wrong' && status === 429);
    if (!isRight)
      faults.push(
        `${name}: ${route.method} ${route.path}: ${status}, not ${expected}: ${text.slice(0, 120)}`,
      );
  }
  return faults;
}

/** Milliseconds for the requests of all callers to all routes on a slow machine. */
const timeout = 300_000;

const absentCodes = /"space\.notFound"|NAME_UNKNOWN|There is no space/;

describe.each(['public', 'internal', 'private'] as const)('in a %s space', (visibility) => {
  beforeAll(() => registry.db.query('UPDATE spaces SET visibility = $1', [visibility]));

  it(
    'every route of every interface answers every caller as the table of rights says',
    async () => {
      const faults = await Promise.all([...callers].map((entry) => findFaults(entry, visibility)));
      expect(faults.flat()).toEqual([]);
    },
    timeout,
  );

  it(
    'refuses in the same words whether the space exists or not',
    async () => {
      const faults: string[] = [];
      for (const name of ['a stranger', 'nobody', "an owner's token for another space"]) {
        const caller = callers.get(name);
        if (!caller || caller.role(visibility) !== undefined) continue;
        for (const route of cases.filter(
          ({ access, path }) => 'right' in access && !('checkedBy' in access) && path.includes('main'),
        )) {
          const existing = await send(caller.client, route);
          const absent = await send(caller.client, { ...route, path: route.path.replace('main', 'nope') });
          const faceless = (answer: typeof absent) =>
            JSON.stringify([
              answer.status,
              answer.text.replaceAll(/main|nope/g, 'SPACE'),
              [...answer.headers]
                .filter(([header]) => header !== 'x-request-id' && header !== 'date')
                .map(([header, value]) => [header, value.replaceAll(/main|nope/g, 'SPACE')]),
            ]);
          if (faceless(existing) !== faceless(absent))
            faults.push(
              `${name}: ${route.method} ${route.path}: ${faceless(existing)} but ${faceless(absent)}`,
            );
        }
      }
      expect(faults).toEqual([]);
    },
    timeout,
  );
});

describe('other ways to write a path', () => {
  beforeAll(() => registry.db.query("UPDATE spaces SET visibility = 'private'"));

  it.each([
    '/api/v1/spaces/main/charts/',
    '/api/v1/spaces/%6dain/charts',
    '/api/v1/spaces/MAIN/charts',
    '/api/v1//spaces/main/charts',
    '/api/v1/spaces/main%2fcharts',
    '/api/v1/spaces/elsewhere/../main/charts',
    '/api/v1/spaces/ｍain/charts',
    '/API/v1/spaces/main/charts',
    '/main/index.yaml/',
    '/%6dain/index.yaml',
    '/index.yaml?token=hrt_x',
    '/api/v1/spaces/main/charts?_method=GET',
    '/v2/main/web/tags/list/',
    '/v2/%6dain/web/tags/list',
    '/v2//main/web/tags/list',
    '/api/main/charts/',
    '/api/charts',
  ])('%s shows nothing of a private space to nobody', async (path) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
      const response = await registry.request(path, {
        method,
        redirect: 'manual',
        headers: { 'X-HTTP-Method-Override': 'GET' },
      });
      expect(response.status, method).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toMatch(/1\.0\.0/);
    }
  });
});
