import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { job as jobSchema } from '../../api/job-schemas.ts';
import { deliveriesOf, jobOf, jobsOf, lineageOf, planOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', {
    name: 'wp',
    manifest: {
      dependencies: [
        { name: 'db', version: '1.0.0', condition: 'db.enabled' },
        { name: 'common', version: '2.x.x', repository: 'https://charts.test' },
      ],
    },
    files: { 'templates/x.yaml': 'user:\n  {{ .Values.db.auth.user }}\n' },
    subcharts: [{ name: 'db', values: { auth: { user: 'bn' } } }],
  });
  await registry.upload('lib', { name: 'plain' });
  // The warning cuts the value, and the cut would split the first emoji's surrogate pair.
  await registry.upload('lib', { name: 'smiling', values: { side: `${'x'.repeat(58)}😀😀` } });
  const odd = {
    name: 'odd',
    manifest: { dependencies: [{ name: 'lost', version: '1.0.0' }] },
    files: { 'values.yaml': '"k\\0": null\n', 'templates/x.yaml': 'x: {{ include `lost.\0name` . }}\n' },
  };
  await registry.upload('lib', odd);
  const dependencies = [{ name: 'odd', version: '1.0.0' }];
  await registry.upload('lib', { name: 'holder', manifest: { dependencies }, subcharts: [odd] });
});
afterAll(() => registry.close());

const sourceOf = (chart: string) => ({ independent: true, space: 'lib', chart, version: '1.0.0' });
const recipe = (chart: string, source = 'wp', callback?: object) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: sourceOf(source) },
  ...(callback ? { callback } : {}),
});
const define = (name: string, text: string) => `{{ define "${name}" }}${text}{{ end }}`;
const dryRun = (body: object) =>
  registry.api('/spaces/lib/charts?dryRun=true', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const jobAt = async (response: Response) =>
  jobOf(await registry.api((response.headers.get('location') ?? '').replace('/api/v1', '')));

/** Starts a receiver of one call, which it answers 204. */
async function startReceiver(): Promise<{ url: string; called: Promise<string> }> {
  const server = createServer();
  const called = new Promise<string>((resolve) => {
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        response.writeHead(204).end();
        resolve(body);
      });
    });
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, called };
}

const expected = [
  {
    code: 'dependency.missing',
    pointer: '/configs',
    message: expect.stringContaining('https://charts.test'),
  },
  { code: 'values.dropped', file: 'templates/x.yaml', line: 2, value: 'db.auth.user' },
];

describe('warnings of a recipe', () => {
  it('warnings of a recipe are those of the dry run, in the job, its events, its lineage and the list', async () => {
    const body = recipe('shown');
    const { warnings } = await planOf(await dryRun(body));
    expect(warnings).toMatchObject(expected);
    const response = await registry.orchestrate('lib', body);
    expect(response.status).toBe(201);
    expect(response.headers.get('link')).toContain('title="2 warnings"');
    const job = await jobAt(response);
    expect(job.warnings).toEqual(warnings);
    const events = await (await registry.api(`/jobs/${job.id}/events`)).text();
    const data = /^data: (.*)$/m.exec(events)?.[1] ?? '{}';
    expect(jobSchema.parse(JSON.parse(data)).warnings).toEqual(warnings);
    const lineage = await lineageOf(await registry.api('/spaces/lib/charts/shown/versions/1.0.0/lineage'));
    expect(lineage.warnings).toEqual(warnings);
    const { items } = await jobsOf(await registry.api('/jobs?space=lib&chart=shown'));
    expect(items.map((item) => item.warnings)).toEqual([warnings]);
  });

  it('warnings of a plan that was accepted before are repeated, composed inline or by a worker', async () => {
    await registry.orchestrate('lib', recipe('first'));
    const inline = await jobAt(await registry.orchestrate('lib', recipe('second')));
    const queued = await registry.orchestrate('lib', recipe('third'), {});
    expect(queued.status).toBe(202);
    const accepted = await jobOf(queued);
    for (const { warnings } of [inline, accepted]) expect(warnings).toMatchObject(expected);
  });

  it('warnings are in the delivery to the webhook', async () => {
    const { url, called } = await startReceiver();
    // A second try of the test has a chart of its own.
    const queued = await registry.orchestrate('lib', recipe(`called-${Date.now()}`, 'wp', { url }), {});
    expect(queued.status).toBe(202);
    const { id } = await jobOf(queued);
    const stateNow = async () => (await jobOf(await registry.api(`/jobs/${id}`))).state;
    await expect.poll(stateNow, { timeout: 60_000 }).toBe('succeeded');
    const listed = async () => (await deliveriesOf(await registry.api(`/jobs/${id}/deliveries`))).items;
    await expect.poll(listed, { timeout: 60_000 }).toMatchObject([{ state: 'succeeded' }]);
    const { data } = z.object({ data: jobSchema }).parse(JSON.parse(await called));
    expect(data.warnings).toMatchObject(expected);
  });

  it('warnings stay small where templates have names of megabytes', async () => {
    const body = recipe('bounded', 'plain');
    for (const name of ['long-a', 'long-b']) {
      const names = Array.from({ length: 30 }, (_, index) => `${index}-${'x'.repeat(1_900)}`);
      const tooLong = 'y'.repeat(3_000_000);
      const files = {
        'templates/_long.tpl': [...names, tooLong].map((known) => define(known, name)).join('\n'),
      };
      expect((await registry.upload('lib', { name, files })).status).toBe(201);
    }
    const children = Array.from({ length: 12 }, (_, index) => [
      `child-${index}`,
      { package: sourceOf(index % 2 ? 'long-a' : 'long-b') },
    ]);
    const { url, called } = await startReceiver();
    const configs = { ...body.configs, ...Object.fromEntries(children) };
    const sent = { ...body, configs };
    const plan = await (await dryRun(sent)).text();
    const response = await registry.orchestrate('lib', { ...sent, callback: { url } });
    expect(response.status).toBe(201);
    const call = await called;
    const job = await jobAt(response);
    expect(job.warnings).toHaveLength(6);
    for (const { templates } of job.warnings) expect(templates).toHaveLength(20);
    const paths = [
      `/jobs/${job.id}`,
      '/jobs?chart=bounded',
      '/spaces/lib/charts/bounded/versions/1.0.0/lineage',
    ];
    const answers = await Promise.all(paths.map(async (path) => (await registry.api(path)).text()));
    for (const text of [plan, call, ...answers]) {
      expect(text).toContain('template.shadowed');
      expect(text.length).toBeLessThan(100_000);
    }
  });

  it.each([
    ['composed', { package: sourceOf('odd') }],
    ['kept', { package: { ...sourceOf('holder'), subcharts: 'keep' } }],
    ['a child', { package: sourceOf('plain'), side: { package: sourceOf('odd') } }],
  ])(
    'warnings of a chart with U+0000 in keys and names are stored as the dry run shows them, if it is %s',
    async (how, configs) => {
      const chart = `odd-${how.replace(' ', '-')}`;
      const body = { save: { chart, version: '1.0.0' }, configs };
      const { warnings } = await planOf(await dryRun(body));
      const response = await registry.orchestrate('lib', body);
      expect(response.status).toBe(201);
      const job = await jobAt(response);
      expect(job.warnings).toEqual(warnings);
      expect(warnings).toContainEqual(expect.objectContaining({ templates: ['lost.\uFFFDname'] }));
      const majors = { code: 'values.majors', message: expect.stringContaining('k\uFFFD') };
      expect(warnings.slice(1)).toMatchObject(how === 'composed' ? [majors] : []);
      const lineage = await lineageOf(
        await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0/lineage`),
      );
      expect(lineage.warnings).toEqual(warnings);
    },
  );

  it('warnings can be stored where they quote a value that is cut in an emoji', async () => {
    const body = recipe('smiled', 'smiling');
    const side = { package: sourceOf('plain') };
    const response = await registry.orchestrate('lib', { ...body, configs: { ...body.configs, side } });
    expect(response.status).toBe(201);
    expect((await jobAt(response)).warnings).toMatchObject([
      { code: 'values.shadowed', message: expect.stringContaining('xxx…') },
    ]);
  });

  it('a recipe without warnings has an empty list of them, and no header', async () => {
    const response = await registry.orchestrate('lib', recipe('quiet', 'plain'));
    expect(response.headers.get('link')).toBeNull();
    expect((await jobAt(response)).warnings).toEqual([]);
  });
});
