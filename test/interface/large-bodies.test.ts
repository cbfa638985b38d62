import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

// Bodies above 64 KiB are read by threads. A long text brings a body above that, and must change nothing else.

let registry: TestRegistry;
const padding = 'x'.repeat(70_000);

beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', { name: 'web', version: '1.0.0', values: { port: 80, pad: '' } });
  await registry.upload('lib', { name: 'web', version: '2.0.0', values: { port: 80, pad: '' } });
  await registry.upload('lib', {
    name: 'cache',
    version: '1.0.0',
    values: { size: 1 },
    files: { 'values.schema.json': '{"properties":{"size":{"type":"integer"}}}' },
  });
});
afterAll(() => registry.close());

const send = (method: string, path: string, body: string) =>
  registry.api(path, { method, headers: { 'Content-Type': 'application/json', Prefer: 'wait=30' }, body });
const source = (chart: string) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0' },
});
const recipe = (chart: string, pad: string, { config = {}, child = {}, top = {} } = {}) => ({
  save: { chart, version: '1.0.0', desc: 'an ignored key' },
  configs: {
    ...source('web'),
    _config: { pad, zoo: { 'a"b': [1, null, { c: 'é' }], a: 1.5 }, 10: true, 9: false, ...config },
    store: { ...source('cache'), _config: { size: 2, ...child } },
  },
  ...top,
});

/** Answer of the registry, with the padding taken out of it. */
async function answerOf(sent: Promise<Response>): Promise<{ status: number; text: string }> {
  const { status, text } = await sent.then(async (answer) => ({
    status: answer.status,
    text: await answer.text(),
  }));
  return { status, text: text.replaceAll(padding, '') };
}

/** Answers to a request with a small body and with a large one. */
function bothAnswers(request: (pad: string) => Promise<Response>) {
  return Promise.all([answerOf(request('')), answerOf(request(padding))]);
}

describe('a large recipe', () => {
  it('a large recipe has the dry run that a small one has', async () => {
    const path = '/spaces/lib/charts?dryRun=true';
    const [small, large] = await bothAnswers((pad) => send('POST', path, JSON.stringify(recipe('dry', pad))));
    expect(small.status).toBe(200);
    expect(large).toEqual(small);
    expect(Object.keys(JSON.parse(large.text))).toEqual([
      'space',
      'chart',
      'version',
      'sources',
      'plan',
      'metadata',
      'values',
      'warnings',
    ]);
  });

  it('makes the values and keeps the recipe and plan that a small one does', async () => {
    const callback = { url: 'http://127.0.0.1:9/', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
    const make = async (chart: string, pad: string) => {
      const made = await send(
        'POST',
        '/spaces/lib/charts',
        JSON.stringify(recipe(chart, pad, { top: { callback } })),
      );
      expect(made.status).toBe(201);
      const version = `/spaces/lib/charts/${chart}/versions/1.0.0`;
      const values = await answerOf(registry.api(`${version}/manifests/values`));
      const {
        recipe: kept,
        plan,
        sources,
        warnings,
      } = await registry
        .api(`${version}/lineage`)
        .then(async (answer) =>
          JSON.parse((await answer.text()).replaceAll(padding, '').replaceAll(chart, 'CHART')),
        );
      return { values, kept, plan, sources, warnings };
    };
    const [small, large] = await Promise.all([make('made-small', ''), make('made-large', padding)]);
    expect(large).toEqual(small);
    expect(large.kept).not.toHaveProperty('callback');
    expect(large.warnings).toContainEqual(
      expect.objectContaining({ code: 'key.ignored', pointer: '/save/desc' }),
    );
  });

  it.each([
    [
      'a key that is there twice',
      (text: string) => text.replace('"a":1.5', '"a":1.5,"a":2'),
      'request.duplicateKey',
    ],
    ['a key without quotes', (text: string) => text.replace('"save"', 'save'), 'request.notJson'],
    ['an unknown key of save', (text: string) => text.replace('"desc"', '"descr"'), 'recipe.invalid'],
    ['half a surrogate pair', (text: string) => text.replace('"é"', '"\\ud800"'), 'recipe.invalid'],
    ['a source that is missing', (text: string) => text.replace('"cache"', '"caches"'), 'source.notFound'],
    [
      'a value against its schema',
      (text: string) => text.replace('"size":2', '"size":"two"'),
      'values.invalid',
    ],
  ])('a large recipe is refused for %s as a small one is', async (_fault, spoil, code) => {
    const [small, large] = await bothAnswers((pad) =>
      // The padding comes last, so that lines and columns are the same.
      send('POST', '/spaces/lib/charts', spoil(JSON.stringify({ ...recipe('refused', ''), ...padded(pad) }))),
    );
    expect(JSON.parse(small.text)).toMatchObject({ code });
    expect(withoutRequest(large.text)).toEqual(withoutRequest(small.text));
  });

  function padded(pad: string) {
    const { configs } = recipe('refused', '');
    return { configs: { ...configs, store: { ...configs.store, _config: { size: 2, pad } } } };
  }
});

describe('a large object', () => {
  it('becomes the values of a version as a small one does', async () => {
    const rewrite = async (version: string, pad: string) => {
      const path = `/spaces/lib/charts/web/versions/${version}/manifests/values`;
      const put = await answerOf(
        send('PUT', path, JSON.stringify({ port: 81, pad, list: [{ a: 'é' }] }, null, 2)),
      );
      return [put, await answerOf(registry.api(path))];
    };
    const [small, large] = await Promise.all([rewrite('1.0.0', ''), rewrite('2.0.0', padding)]);
    expect(small[0]).toEqual({ status: 200, text: '{"port":81,"pad":"","list":[{"a":"é"}]}' });
    expect(large).toEqual(small);
  });

  it.each([
    ['values that are a list', 'values', '["PAD"]', 'request.invalid'],
    ['values with U+0000', 'values', '{"a":"\\u0000","pad":"PAD"}', 'request.invalid'],
    [
      'metadata of another name',
      'metadata',
      '{"name":"other","version":"1.0.0","pad":"PAD"}',
      'metadata.invalid',
    ],
    ['metadata without a version', 'metadata', '{"name":"web","pad":"PAD"}', 'metadata.invalid'],
  ])('a large object is refused as %s', async (_fault, file, body, code) => {
    const path = `/spaces/lib/charts/web/versions/1.0.0/manifests/${file}`;
    const [small, large] = await bothAnswers((pad) => send('PUT', path, body.replace('PAD', pad)));
    expect(JSON.parse(small.text)).toMatchObject({ code });
    expect(withoutRequest(large.text)).toEqual(withoutRequest(small.text));
  });
});

function withoutRequest(text: string): string {
  return text.replace(/"request":"[^"]*"/, '');
}
