// Uses the generated types: composes a chart from an uploaded one, and downloads it.
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './registry.d.mts';

const [, , baseUrl = '', space = '', archive = '', target = ''] = process.argv;
const client = createClient<paths>({ baseUrl });

const chartfile = new Blob([await readFile(archive)]);
await client.POST('/api/v1/spaces', { params: { query: { space } } });
const uploaded = await client.POST('/api/v1/spaces/{space}/charts', {
  params: { path: { space } },
  body: { chartfile },
  bodySerializer(body) {
    const form = new FormData();
    form.set('chartfile', body.chartfile);
    return form;
  },
});
if (!uploaded.data) throw new Error(uploaded.error.code);

const { chart, version } = uploaded.data;
const recipe: components['schemas']['Recipe'] = {
  save: { chart: 'made', version: '1.0.0' },
  configs: { web: { package: { independent: true, chart, version } } },
};
const composed = await client.POST('/api/v1/spaces/{space}/compositions', {
  params: { path: { space } },
  body: recipe,
});
if (!composed.data || !('id' in composed.data)) throw new Error('the recipe was not answered with a job');

let job = composed.data;
while (job.state === 'queued' || job.state === 'running') {
  const read = await client.GET('/api/v1/jobs/{id}', { params: { path: { id: job.id } } });
  if (!read.data) throw new Error(read.error.code);
  job = read.data;
  await setTimeout(1000 * Number(read.response.headers.get('Retry-After') ?? 0));
}

const download = await client.GET('/api/v1/spaces/{space}/charts/{chart}/versions/{version}', {
  params: { path: { space, chart: 'made', version: '1.0.0' } },
  parseAs: 'arrayBuffer',
});
if (!download.data) throw new Error('the archive was not downloaded');
await writeFile(target, Buffer.from(download.data));

const missing = await client.GET('/api/v1/spaces/{space}', {
  params: { path: { space: `missing-${space}` } },
});
process.stdout.write(JSON.stringify({ state: job.state, code: missing.error?.code }));
