import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Visibility } from '../../core/access/rights.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { digest } from '../support/oci.ts';
import { startOidcProvider, type TestProvider } from '../support/oidc-provider.ts';
import { addCallers, space, type TestCaller } from './support/callers.ts';
import { type Case, harmless, listCases } from './support/cases.ts';
import { expectedOf, isWrongFor, listHandlerRoutes, type Outcome } from './support/expected.ts';
import { recordStatements } from './support/statements.ts';

let registry: EmbeddedRegistry;
let provider: TestProvider;
let cases: Case[];
let callers: Map<string, TestCaller>;
let jobId: string;

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded', rootSpace: space });
  await registry.db.query("UPDATE spaces SET visibility = 'private'");
  provider = await startOidcProvider();
  provider.serve(['http://127.0.0.1/unused']);
  callers = await addCallers(registry, provider);
  const archive = await packChart({
    name: 'web',
    values: { a: 1 },
    files: { 'templates/a.yaml': 'a: 1\n' },
  });
  const clientOf = (name: string) => {
    const client = callers.get(name)?.client;
    if (!client) throw new Error(`there is no caller ${name}`);
    return client;
  };
  const post = (name: string, body: string | FormData) =>
    clientOf(name).request(`/api/v1/spaces/${space}/charts`, {
      method: 'POST',
      body,
      headers: { Prefer: 'wait=30' },
    });
  expect((await post('an admin', chartForm(archive))).status).toBe(201);
  const composed = await post('the author of the job', JSON.stringify(recipe));
  expect([composed.status, await composed.text()]).toEqual([201, expect.anything()]);
  const admin = clientOf('an admin');
  const jobs = await admin.request('/api/v1/jobs');
  jobId = Object(await jobs.json()).items[0].id;
  // States of composed versions are kept by the worker.
  const isKept = async () =>
    expect(await (await admin.request('/api/v1/outdated')).text()).toContain('"made"');
  await vi.waitFor(isKept, { timeout: 60_000, interval: 100 });
  cases = listCases(registry.context, { jobId, blob: digest(archive) });
}, 120_000);
afterAll(async () => {
  await registry?.close();
  await provider?.close();
});

const recipe = {
  configs: { package: { independent: true, space, chart: 'web', version: '1.x' } },
  save: { chart: 'made', version: '1.0.0', follow: {} },
};

async function send({ client }: TestCaller, { method, path }: Pick<Case, 'method' | 'path'>) {
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const response = await client.request(path, {
    method,
    redirect: 'manual',
    ...(hasBody ? { body: 'no body that is accepted', headers: { 'Content-Type': 'text/plain' } } : {}),
  });
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  if (isStream) await response.body?.cancel();
  return {
    status: response.status,
    text: isStream ? '' : await response.text(),
    headers: response.headers,
  };
}

/** Whether an answer has the outcome that is expected. */
function meets(
  { status, text }: Answer,
  outcome: Outcome,
  { path, method }: Case,
  isWrong: boolean,
): boolean {
  if (typeof outcome === 'number')
    return status === outcome || (outcome === 401 && isWrong && status === 429);
  // The description of the interface lists the codes of all errors.
  const tellsAbsent = path !== '/openapi.json' && absentCodes.test(text);
  const mayBeAbsent =
    path.includes('/uploads/') ||
    /prov|lineage|recipe|follow$|mirror|icon$|1\.0\.0\/outdated|\/x(\/|$)/.test(path);
  const passes = status !== 401 && status !== 403 && status < 500 && !tellsAbsent;
  if (!passes || (method === 'GET' && status >= 400 && !mayBeAbsent)) return false;
  return outcome === 'passes' || shows(text) === (outcome === 'shows');
}

/** Whether a list has the space, a chart of it, or its job. */
function shows(text: string): boolean {
  return /"main["/]|"succeeded":\{"count":1/.test(text);
}

type Answer = Awaited<ReturnType<typeof send>>;

/**
 * Sends a case as all callers at once.
 * @returns the answers that the table of rights does not expect
 */
async function findFaults(request: Case, visibility: Visibility): Promise<string[]> {
  const answers = await Promise.all(
    [...callers].map(async ([name, caller]) => {
      const { access, method } = request;
      const isWrong = isWrongFor(caller, request);
      // Wrong credentials are refused before anything about the space is examined.
      if (isWrong && visibility !== 'private') return [];
      const expected = expectedOf(caller, request, visibility);
      const deletesSpace = 'right' in access && access.right === 'space.delete';
      if (expected === undefined || (deletesSpace && expected === 'passes')) return [];
      const answer = await send(caller, { method, path: harmless(request) });
      if (meets(answer, expected, request, isWrong)) return [];
      const { status, text } = answer;
      return [`${name}: ${method} ${request.path}: ${status}, not ${expected}: ${text.slice(0, 120)}`];
    }),
  );
  return answers.flat();
}

/** Names of things that exist, each with another of its length that does not. */
type Absence = readonly (readonly [existing: string, absent: string])[];

const absentSpace: Absence = [[space, 'nope']];
const absentChart: Absence = [
  ['web', 'nix'],
  ['made', 'nope'],
];

/** Callers who may not know of the space or of its charts. */
const unknowing: readonly (readonly [caller: string, names: Absence])[] = [
  ['nobody', absentSpace],
  ['a stranger', absentSpace],
  ["a stranger's session", absentSpace],
  ["an owner's token for another space", absentSpace],
  ["an owner's token for other charts", absentChart],
];

function replaceNames(path: string, names: Absence): string {
  return names.reduce((text, [one, other]) => text.replaceAll(new RegExp(`\\b${one}\\b`, 'g'), other), path);
}

function hideNames(text: string, names: Absence): string {
  return names
    .flat()
    .reduce((hidden, name) => hidden.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'NAME'), text);
}

/** Whether a case is refused, or lists nothing, for a caller. */
function isRefused(caller: TestCaller, request: Case, visibility: Visibility): boolean {
  const expected = expectedOf(caller, request, visibility);
  return typeof expected === 'number' || expected === 'hides';
}

/** Milliseconds for the requests of all callers to all routes on a slow machine. */
const timeout = 300_000;

const absentCodes = /"space\.notFound"|NAME_UNKNOWN|There is no space/;

it('the outcome of each route whose handler checks the right is stated', () => {
  const byHandler = cases.flatMap(({ access, route }) => ('checkedBy' in access ? [route] : []));
  expect(listHandlerRoutes().sort()).toEqual([...new Set(byHandler)].sort());
});

describe.each(['public', 'internal', 'private'] as const)('in a %s space', (visibility) => {
  beforeAll(() => registry.db.query('UPDATE spaces SET visibility = $1', [visibility]));

  it(
    'every route of every interface answers every caller as the table of rights says',
    async () => {
      const faults: string[] = [];
      for (const request of cases) faults.push(...(await findFaults(request, visibility)));
      expect(faults).toEqual([]);
    },
    timeout,
  );

  it(
    'every interface keeps from shared caches what only some may read, and nothing that is public',
    async () => {
      const client = callers.get('an admin')?.client;
      if (!client) throw new Error('there is no admin');
      // The second answer comes from memory where that has it; the last one is a 304 where the route has an ETag.
      const conditions: Record<string, string>[] = [{}, {}, { Range: 'bytes=0-9' }, { 'If-None-Match': '*' }];
      const faults: string[] = [];
      const reads = cases.filter(({ method, access }) => method === 'GET' && !('anyone' in access));
      for (const { path, access } of reads) {
        const isShared = visibility === 'public' && 'right' in access && !('checkedBy' in access);
        for (const condition of conditions) {
          const response = await client.request(path, { redirect: 'manual', headers: condition });
          await response.body?.cancel();
          const { status, headers } = response;
          const caching = headers.get('cache-control') ?? '';
          if (status >= 400 || caching.includes('no-store')) continue;
          if (caching.includes('private') === isShared) faults.push(`${path}: ${status}: ${caching}`);
        }
      }
      expect(faults).toEqual([]);
      const blob = reads.find(({ route }) => route === 'GET /v2/{name}/blob')?.path ?? '';
      const { status, headers } = await client.request(blob);
      const caching = visibility === 'public' ? 'max-age=3600' : 'private, no-cache';
      expect([status, headers.get('cache-control')]).toEqual([200, caching]);
    },
    timeout,
  );

  it(
    'refuses in the same words, and after the same work of the database, whether a thing exists or not',
    async () => {
      const { record } = recordStatements();
      const ask = async (caller: TestCaller, route: Case, names: Absence) => {
        const { answer, statements } = await record(() => send(caller, route));
        const hide = (text: string) => hideNames(text, names);
        const headers = [...answer.headers]
          .filter(([header]) => header !== 'x-request-id' && header !== 'date')
          .map(([header, value]) => [header, hide(value)]);
        return { told: JSON.stringify([answer.status, headers, hide(answer.text)]), statements };
      };
      const faults: string[] = [];
      for (const [name, names] of unknowing) {
        const caller = callers.get(name);
        if (!caller) throw new Error(`there is no caller ${name}`);
        if (names !== absentChart && caller.role(visibility) !== undefined) continue;
        for (const route of cases) {
          const absent = { ...route, path: replaceNames(route.path, names) };
          if (absent.path === route.path || !isRefused(caller, route, visibility)) continue;
          // A filled cache or a read shared with work in the background differs at times, what exists each time.
          for (let attempt = 1; ; attempt += 1) {
            const [one, other] = [await ask(caller, route, names), await ask(caller, absent, names)];
            if (one.told !== other.told) {
              faults.push(`${name}: ${route.method} ${route.path}: ${one.told} but ${other.told}`);
              break;
            }
            const difference = [one, other].map(({ statements }) => statements.join('; '));
            if (difference[0] === difference[1]) break;
            if (attempt < 10) continue;
            faults.push(`${name}: ${route.method} ${route.path}: ${difference.join('\n but ')}`);
            break;
          }
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
