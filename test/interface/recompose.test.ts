import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, jobOf, jobsOf, lineageOf, namesOf, planOf, valuesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no request of a race is refused with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 }, { workers: 3 });
  await registry.upload('lib', { name: 'web', version: '1.2.0', values: { a: 1, b: 1 } });
});
afterAll(() => registry.close());

const waited = { Prefer: 'wait=30' };
const of = (chart: string, version: string) => `/spaces/lib/charts/${chart}/versions/${version}`;

/** Composes a version of a chart from web, as a range. */
async function compose(chart: string, version: string, save: object = {}): Promise<void> {
  const response = await registry.orchestrate('lib', {
    save: { chart, version, ...save },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '^1' }, _config: { a: 2 } },
  });
  expect(response.status, await response.clone().text()).toBe(201);
}

/** Sends a request to recompose, which waits for the end of its job unless `headers` are given. */
const recompose = (
  chart: string,
  version: string,
  body: unknown,
  { headers = waited, query = '' }: { headers?: Record<string, string>; query?: string } = {},
) =>
  registry.api(`${of(chart, version)}/recompose${query}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function versionOf(response: Response): Promise<string> {
  expect(response.status, await response.clone().text()).toBe(201);
  return Object(await response.json()).version;
}

describe('recompose', () => {
  it('makes the next version of the same recipe, with ranges resolved now', async () => {
    await compose('shop', '1.0.0', { description: 'A shop' });
    await registry.upload('lib', { name: 'web', version: '1.3.0', values: { a: 1, c: 1 } });
    const response = await recompose('shop', '1.0.0', { next: 'patch' });
    expect(await versionOf(response)).toBe('1.0.1');
    const made = await lineageOf(await registry.api(`${of('shop', '1.0.1')}/lineage`));
    expect(made.recipe).toMatchObject({ save: { version: '1.0.1', description: 'A shop' } });
    expect(made.sources).toMatchObject([{ requested: '^1', version: '1.3.0' }]);
    const values = await valuesOf(await registry.api(`${of('shop', '1.0.1')}/manifests/values`));
    expect(values).toEqual({ a: 2, c: 1 });
  });

  it('counts from the highest version of the line, whatever version is composed again', async () => {
    await compose('lines', '1.4.2');
    for (const version of ['1.4.7', '1.6.0', '2.3.0', '2.4.0-rc.1'])
      await registry.upload('lib', { name: 'lines', version });
    const next = async (body: object) => versionOf(await recompose('lines', '1.4.2', body));
    expect(await next({ next: 'patch' })).toBe('1.4.8');
    expect(await next({ next: 'minor' })).toBe('1.7.0');
    expect(await next({ next: 'prerelease' })).toBe('1.4.9-0');
    expect(await next({ next: 'prerelease' })).toBe('1.4.9-1');
    expect(await next({ next: 'patch' })).toBe('1.4.9');
    expect(await next({ next: 'major' })).toBe('3.0.0');
    expect(await next({ version: '1.5.0-team.1' })).toBe('1.5.0-team.1');
  });

  it('takes latest for the last version', async () => {
    await compose('last', '1.0.0');
    await compose('last', '2.0.0', { description: 'The second' });
    expect(await versionOf(await recompose('last', 'latest', { next: 'minor' }))).toBe('2.1.0');
    const made = await lineageOf(await registry.api(`${of('last', '2.1.0')}/lineage`));
    expect(made.recipe).toMatchObject({ save: { description: 'The second' } });
  });

  it('applies changes as a merge patch, also of the name of the chart', async () => {
    await compose('patched', '1.0.0', { description: 'Before' });
    const changes = {
      save: { chart: 'renamed', description: null },
      configs: { _config: { a: null, b: 5 }, package: { version: '1.2.0' } },
    };
    const response = await recompose('patched', '1.0.0', { next: 'minor', changes });
    expect(Object(await response.json())).toMatchObject({ chart: 'renamed', version: '1.1.0' });
    const made = await lineageOf(await registry.api(`${of('renamed', '1.1.0')}/lineage`));
    expect(made.recipe).toEqual({
      save: { chart: 'renamed', version: '1.1.0' },
      configs: {
        package: { independent: true, space: 'lib', chart: 'web', version: '1.2.0' },
        _config: { b: 5 },
      },
    });
  });

  it('applies changes that are large, to a recipe that is large', async () => {
    const text = 'x'.repeat(40_000);
    await compose('large', '1.0.0');
    const add = (key: string) => ({ configs: { _config: { [key]: text } } });
    for (const key of ['one', 'two', 'three'])
      await versionOf(await recompose('large', 'latest', { next: 'patch', changes: add(key) }));
    const changes = { configs: { _config: { one: 'y'.repeat(70_000), three: null } } };
    expect(await versionOf(await recompose('large', 'latest', { next: 'patch', changes }))).toBe('1.0.4');
    const values = await valuesOf(await registry.api(`${of('large', '1.0.4')}/manifests/values`));
    expect(values).toMatchObject({ a: 2, one: 'y'.repeat(70_000), two: text });
    expect(values).not.toHaveProperty('three');
  });

  it('keeps the mode of values that the recipe had', async () => {
    await compose('modes', '1.0.0', { values: 'replace' });
    await versionOf(await recompose('modes', '1.0.0', { next: 'patch' }));
    const { plan } = await lineageOf(await registry.api(`${of('modes', '1.0.1')}/lineage`));
    expect(plan).toMatchObject({ values: 'replace' });
  });

  it('takes its body in YAML, and says where it is wrong', async () => {
    await compose('written', '1.0.0');
    const send = (body: string) =>
      recompose('written', '1.0.0', body, { headers: { ...waited, 'Content-Type': 'application/yaml' } });
    const made = await send(
      'next: minor # as the sources are\nchanges:\n  configs:\n    _config: { a: 4 }\n',
    );
    expect(await versionOf(made)).toBe('1.1.0');
    const values = await valuesOf(await registry.api(`${of('written', '1.1.0')}/manifests/values`));
    expect(values).toMatchObject({ a: 4 });
    const error = await errorOf(await send('next: minor\nchange:\n  configs: {}\n'));
    expect(error).toMatchObject({ code: 'recipe.invalid', details: { pointer: '/change', line: 2 } });
    const uncalled = await errorOf(await send('next: minor\ncallback:\n  url: ftp://example.com\n'));
    expect(uncalled).toMatchObject({
      code: 'callback.invalid',
      details: { pointer: '/callback/url', line: 3, column: 8 },
    });
    // A pointer into the recipe as changed has no place in the body.
    const changed = await errorOf(await send('next: minor\nchanges:\n  configs: null\n'));
    expect(changed.details).toEqual({ pointer: '/configs' });
  });

  it('dry-runs, and stores nothing', async () => {
    await compose('tried', '1.0.0');
    const changes = { configs: { _config: { a: 9 } } };
    const answer = await recompose('tried', '1.0.0', { next: 'patch', changes }, { query: '?dryRun=true' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ version: '1.0.1', values: { a: 9 }, warnings: [] });
    const against = await recompose(
      'tried',
      '1.0.0',
      { next: 'patch', changes },
      { query: '?dryRun=true&against=1.0.0' },
    );
    expect((await planOf(against)).comparison).toMatchObject({
      from: { version: '1.0.0' },
      to: { version: '1.0.1' },
    });
    const { items } = await namesOf(await registry.api('/spaces/lib/charts/tried/versions'));
    expect(items).toEqual(['1.0.0']);
  });

  it('warns of edits by hand that the recipe does not have', async () => {
    await compose('edited', '1.0.0');
    await registry.api(`${of('edited', '1.0.0')}/manifests/values`, { method: 'PUT', body: '{"a":7}' });
    const job = await jobOf(await recompose('edited', '1.0.0', { next: 'patch' }, { headers: {} }));
    expect(job.warnings).toMatchObject([{ code: 'lineage.modified', pointer: '' }]);
    const { warnings } = Object(
      await (await recompose('edited', '1.0.0', { next: 'patch' }, { query: '?dryRun=true' })).json(),
    );
    expect(warnings).toMatchObject([{ code: 'lineage.modified' }]);
  });

  it('answers a repeated request with the job of the first, and another one with its own', async () => {
    await compose('keyed', '1.0.0');
    const headers = { 'Idempotency-Key': 'again' };
    const send = (version: string, body: object) => recompose('keyed', version, body, { headers });
    const answers = await Promise.all([1, 2, 3].map(() => send('1.0.0', { next: 'patch' })));
    const ids = await Promise.all(answers.map(async (answer) => (await jobOf(answer)).id));
    expect(new Set(ids).size).toBe(1);
    expect((await jobOf(await send('1.0.0', { next: 'patch' }))).id).toBe(ids[0]);
    for (const [version, body] of [
      ['1.0.0', { next: 'minor' }],
      ['latest', { next: 'patch' }],
    ] as const)
      expect(await errorOf(await send(version, body))).toMatchObject({ code: 'idempotency.mismatch' });
    const { metadata } = await jobsOf(await registry.api('/jobs?space=lib&chart=keyed'));
    expect(metadata.total).toBe(2);
  });

  it('gives each of several requests at once a version of its own', async () => {
    await compose('busy', '1.0.0');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => recompose('busy', '1.0.0', { next: 'patch' })),
    );
    const versions = await Promise.all(answers.map(versionOf));
    expect(new Set(versions)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8].map((patch) => `1.0.${patch}`)));
  });
});

describe('requests to recompose that are refused', () => {
  beforeAll(() => compose('refused', '1.0.0'));

  it.each([
    [{ nxt: 'patch' }, '/nxt', 'Did you mean next?'],
    [{ next: 'path' }, '/next', 'Did you mean patch?'],
    [{}, '/next', 'is missing'],
    [{ next: 'patch', version: '2.0.0' }, '/version', 'give one of them'],
    [{ version: '2' }, '/version', 'a SemVer 2 version'],
    [{ next: 'patch', changes: null }, '/changes', 'must be an object'],
    [{ next: 'patch', changes: { save: { version: '3.0.0' } } }, '/changes/save/version', 'another place'],
    [{ next: 'patch', changes: { callback: {} } }, '/changes/callback', 'another place'],
    [{ next: 'patch', callback: { uri: 'http://x' } }, '/callback/uri', 'Did you mean url?'],
    [{ next: 'patch', changes: { save: { replace: true } } }, '/changes/save/replace', 'always makes a new'],
    [{ next: 'patch', changes: { save: { chrat: 'x' } } }, '/save/chrat', 'Did you mean chart?'],
    [{ next: 'patch', changes: { configs: null } }, '/configs', 'is missing'],
    [[], '', 'must be an object'],
  ])('a recomposition with %j is refused: %s', async (body, pointer, words) => {
    const response = await recompose('refused', '1.0.0', body);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'recipe.invalid', details: { pointer } });
    expect(error.message).toContain(words);
  });

  it.each([
    ['web', '1.2.0', { next: 'patch' }, 404, 'lineage.notFound'],
    ['refused', '9.9.9', { next: 'patch' }, 404, 'version.notFound'],
    ['nothing', 'latest', { next: 'patch' }, 404, 'chart.notFound'],
    ['refused', 'first', { next: 'patch' }, 400, 'version.invalid'],
    ['refused', '1.0.0', { version: '1.0.0' }, 409, 'version.exists'],
    ['refused', '1.0.0', '{"next":"patch","next":"minor"}', 400, 'request.duplicateKey'],
    ['refused', '1.0.0', 'next: patch', 400, 'request.notJson'],
    [
      'refused',
      '1.0.0',
      { next: 'patch', changes: { configs: { package: { version: '^7' } } } },
      404,
      'source.notFound',
    ],
  ])('%s %s with %j is %i %s', async (chart, version, body, status, code) => {
    const response = await recompose(chart, version, body);
    expect(await errorOf(response)).toMatchObject({ code });
    expect(response.status).toBe(status);
  });
});
