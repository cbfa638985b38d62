import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Visibility, visibilities } from '../../core/access/rights.ts';
import { errorOf, jobOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let ana: TestClient;
let anaId: string;

beforeAll(async () => {
  registry = await startGuarded();
  anaId = await registry.addUser('ana');
  ana = (await registry.addToken(anaId)).client;
  for (const visibility of visibilities) {
    for (const place of ['from', 'into']) await registry.addSpace(`${place}-${visibility}`, visibility);
    expect((await registry.admin.upload(`from-${visibility}`, { name: 'web' })).status).toBe(201);
    await registry.setRole(anaId, `into-${visibility}`, 'publisher');
  }
  await registry.addSpace('hidden', 'private');
  expect((await registry.admin.upload('hidden', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

let number = 0;
function recipe(space: string, { chart = 'web', version = '1.0.0' } = {}) {
  number += 1;
  return {
    save: { chart: 'shop', version: `1.0.${number}` },
    configs: { package: { independent: true, space, chart, version } },
  };
}

/** Sends a recipe as a dry run. */
const dryRun = (client: TestClient, space: string, body: object) =>
  client.api(`/spaces/${space}/charts?dryRun=true`, { method: 'POST', body: JSON.stringify(body) });

/** Sends a recipe both ways, and returns the refusals. */
async function refusalsOf(client: TestClient, space: string, body: object) {
  const answers = [await client.orchestrate(space, body), await dryRun(client, space, body)];
  return Promise.all(
    answers.map(async (answer) => ({ status: answer.status, error: await errorOf(answer) })),
  );
}

describe('the target of a recipe', () => {
  it('needs the right to publish, which is named where the space may be read', async () => {
    for (const { status, error } of await refusalsOf(ana, 'from-public', recipe('from-public'))) {
      expect(status).toBe(403);
      expect(error).toMatchObject({ code: 'access.denied', details: { right: 'chart.publish' } });
      expect(error.message).toContain('from-public');
    }
  });

  it('the target of a recipe is refused alike whether it may not be known or is not there', async () => {
    const body = recipe('from-public');
    const hidden = await refusalsOf(ana, 'hidden', body);
    const absent = await refusalsOf(ana, 'absent', body);
    expect(JSON.stringify(hidden)).toBe(JSON.stringify(absent).replaceAll('absent', 'hidden'));
    expect(hidden.map(({ status }) => status)).toEqual([403, 403]);
    for (const response of [
      await registry.anonymous.orchestrate('hidden', body),
      await registry.anonymous.orchestrate('absent', body),
    ])
      expect(response.status).toBe(401);
  });

  it('the target of a recipe is checked for the chart that a token is narrowed to', async () => {
    const { client } = await registry.addToken(anaId, { charts: ['cart'] });
    const [refusal] = await refusalsOf(client, 'into-private', recipe('from-public'));
    expect(refusal).toMatchObject({ status: 403, error: { code: 'access.denied' } });
    const { save, ...rest } = recipe('from-public');
    const allowed = await client.orchestrate('into-private', { save: { ...save, chart: 'cart' }, ...rest });
    expect(allowed.status).toBe(201);
  });
});

describe('a source that may not be read', () => {
  const named = (text: string, name: string) => text.replaceAll(name, 'NAME');

  it.each(['1.0.0', '9.9.9', '*', '^1.0.0', 'latest'])(
    'a source that may not be read with version %s is answered like one that is not there',
    async (version) => {
      const answers = async (space: string) => {
        const { configs } = recipe(space, { version });
        const body = { save: { chart: 'shop', version: '0.0.1' }, configs };
        return JSON.stringify(await refusalsOf(ana, 'into-private', body));
      };
      const hidden = await answers('hidden');
      expect(named(hidden, 'hidden')).toBe(named(await answers('absent'), 'absent'));
      expect(JSON.parse(hidden)[0]).toMatchObject({
        status: 404,
        error: { code: 'source.notFound', details: { pointer: '/configs/package', missing: 'space' } },
      });
    },
  );

  it('a source that may not be read is answered so too after somebody else has composed from it', async () => {
    expect((await registry.admin.orchestrate('into-private', recipe('hidden'))).status).toBe(201);
    const [first] = await refusalsOf(ana, 'into-private', recipe('hidden'));
    expect(first).toMatchObject({ status: 404, error: { code: 'source.notFound' } });
  });

  it('a source that may not be read is not suggested, and a readable one is', async () => {
    const [near] = await refusalsOf(ana, 'into-private', recipe('hiddne'));
    expect(near?.error.details).toEqual({ pointer: '/configs/package', missing: 'space' });
    const [typo] = await refusalsOf(ana, 'into-private', recipe('from-publik'));
    expect(typo?.error.details).toMatchObject({ nearest: ['from-public'] });
    const [all] = await refusalsOf(registry.admin, 'into-private', recipe('hiddne'));
    expect(all?.error.details).toMatchObject({ nearest: ['hidden'] });
  });

  it('a source that may not be read is one outside the charts or the spaces of a token', async () => {
    await registry.setRole(anaId, 'from-private', 'reader');
    const source = recipe('from-private');
    for (const bounds of [{ charts: ['shop'] }, { spaces: ['into-private'] }]) {
      const { client } = await registry.addToken(anaId, bounds);
      const [refusal] = await refusalsOf(client, 'into-private', source);
      expect(refusal).toMatchObject({
        status: 404,
        error: { code: 'source.notFound', details: { missing: 'space' } },
      });
    }
    expect((await ana.orchestrate('into-private', source)).status).toBe(201);
    await registry.setRole(anaId, 'from-private', undefined);
  });
});

describe('a target that more can read than a source', () => {
  const isMoreOpen = (into: Visibility, from: Visibility) =>
    visibilities.indexOf(into) < visibilities.indexOf(from);
  const pairs = visibilities.flatMap((into) => visibilities.map((from) => ({ into, from })));

  it.each(pairs)('$into from $from needs chart.disclose if it is more open', async ({ into, from }) => {
    await registry.setRole(anaId, `from-${from}`, 'reader');
    const body = recipe(`from-${from}`);
    if (isMoreOpen(into, from)) {
      for (const { status, error } of await refusalsOf(ana, `into-${into}`, body)) {
        expect(status).toBe(403);
        expect(error).toMatchObject({
          code: 'access.denied',
          details: { right: 'chart.disclose', pointer: '/configs/package' },
        });
      }
      await registry.setRole(anaId, `from-${from}`, 'maintainer');
    }
    expect((await dryRun(ana, `into-${into}`, body)).status).toBe(200);
    expect((await ana.orchestrate(`into-${into}`, body)).status).toBe(201);
    await registry.setRole(anaId, `from-${from}`, undefined);
  });
});

it('an idempotency key is a principal’s own', async () => {
  const boris = await registry.addUser('boris');
  await registry.setRole(boris, 'into-public', 'publisher');
  const { client } = await registry.addToken(boris);
  const send = (sender: TestClient, body: object) =>
    sender.orchestrate('into-public', body, { 'Idempotency-Key': 'release-1', Prefer: 'wait=0' });
  const [anas, boriss] = [recipe('from-public'), recipe('from-public')];
  const first = await jobOf(await send(ana, anas));
  const other = await jobOf(await send(client, boriss));
  expect(other.id).not.toBe(first.id);
  expect((await jobOf(await send(ana, anas))).id).toBe(first.id);
  expect((await send(ana, boriss)).status).toBe(422);
});
