import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { outputOf } from '../support/process.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let commandLine: CommandLine;
let registry: TestRegistry;
/** Registry whose jobs stay queued. */
let idle: TestRegistry;
beforeAll(async () => {
  commandLine = await buildCommandLine();
  registry = await startRegistry();
  idle = await startRegistry({}, { worker: false });
  for (const each of [registry, idle]) {
    for (const version of ['1.2.0', '1.3.0']) {
      const values = { replicas: 1, image: { tag: version } };
      const files = {
        'README.md': '# Web\n',
        'templates/all.yaml': `# ${version}\n{{ .Values.replicas }}\n`,
      };
      const manifest = { description: 'A web front end', keywords: ['http'] };
      expect((await each.upload('team', { name: 'web', version, values, files, manifest })).status).toBe(201);
    }
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([registry?.close(), idle?.close()]);
});

/** Time for a command to start on a busy machine. */
const starts = { timeout: 30_000 };

const createUser = (url = registry.url) => commandLine.createUser({ HELM_REGISTRY_URL: url });

/** Recipe of a chart from web 1.2.0, with scalars that YAML's versions read differently, quoted. */
const recipeOf = (version: string, chart = 'shop') => `# Our shop
save:
  chart: ${chart}
  version: ${version}
configs:
  package: { independent: true, chart: web, version: ~1.2.0 }
  _config:
    mode: "0644" # of files
    image:
      tag: "1.10"
`;

describe('compose', () => {
  it('compose waits for the chart, sets values and leaves the rest of the recipe as it means', async () => {
    const user = await createUser();
    const sets = ['--set', 'replicas=3', '--set', 'image.pull\\.policy=Always', '--set-string', 'port=80'];
    const composed = await user.run(
      ['compose', 'team', '-f', '-', '--wait', '-o', 'name', ...sets],
      recipeOf('1.0.0'),
    );
    expect(composed).toEqual({ code: 0, stdout: 'team/shop:1.0.0\n', stderr: '' });
    const values = await user.run(['show', 'values', 'team/shop', '-o', 'json']);
    expect(JSON.parse(values.stdout)).toEqual({
      replicas: 3,
      image: { tag: '1.10', 'pull.policy': 'Always' },
      mode: '0644',
      port: '80',
    });
    const lineage = JSON.parse((await user.run(['lineage', 'team/shop', '-o', 'json'])).stdout);
    expect(lineage.sources).toMatchObject([{ chart: 'web', version: '1.2.0', requested: '~1.2.0' }]);
  });

  it('compose with --set sends a scalar that YAML reads in two ways on to the registry, which refuses it', async () => {
    const user = await createUser();
    const recipe = recipeOf('1.0.1').replace('"0644"', '0644');
    const refused = await user.run(['compose', 'team', '-f', '-', '--set', 'replicas=3'], recipe);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('/configs/_config/mode');
  });

  it('compose takes a recipe in JSON, indented by tabs too', async () => {
    const user = await createUser();
    const recipe = {
      save: { chart: 'json', version: '1.0.0' },
      configs: { package: { independent: true, chart: 'web', version: '1.2.0' } },
    };
    const file = join(user.home, 'recipe.json');
    await writeFile(file, JSON.stringify(recipe, null, '\t'));
    for (const sets of [[], ['--set', 'a.b=c']])
      expect((await user.run(['compose', 'team', '-f', file, '--dry-run', ...sets])).code).toBe(0);
  });

  it('compose --dry-run says what would be made, and stores nothing', async () => {
    const user = await createUser();
    const dry = await user.run(['compose', 'team', '-f', '-', '--dry-run'], recipeOf('9.0.0'));
    expect(dry).toMatchObject({ code: 0, stderr: 'would make team/shop:9.0.0; nothing is stored\n' });
    expect(dry.stdout).toMatch(/^SOURCE +REQUESTED .*\nteam\/web:1\.2\.0 +~1\.2\.0 +sha256:/);
    expect((await user.run(['show', 'chart', 'team/shop:9.0.0'])).code).toBe(3);
  });

  it('compose of a recipe that is wrong, absent or impossible has its exit code', async () => {
    const user = await createUser();
    const wrong = recipeOf('1.0.0').replace('independent: true', 'independent: perhaps');
    const refused = await user.run(['compose', 'team', '-f', '-'], wrong);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('at /configs/package/independent');
    expect((await user.run(['compose', 'team', '-f', 'absent.yaml'])).code).toBe(2);
    expect((await user.run(['compose', 'team'])).code).toBe(2);
    expect((await user.run(['compose', 'team', '-f', '-', '--set', 'nothing'], wrong)).code).toBe(2);
    const missing = recipeOf('8.0.0').replace('chart: web', 'chart: absent');
    expect((await user.run(['compose', 'team', '-f', '-'], missing)).code).toBe(3);
    expect((await user.run(['compose', 'team', '-f', '-', '--wait'], recipeOf('1.0.0', 'twice'))).code).toBe(
      0,
    );
    expect((await user.run(['compose', 'team', '-f', '-', '--wait'], recipeOf('1.0.0', 'twice'))).code).toBe(
      5,
    );
  });

  it('recompose makes the next version with other values, and outdated finds what is behind', async () => {
    const user = await createUser();
    const recipe = recipeOf('1.0.0', 'behind').replace('~1.2.0', '">=1.2.0 <1.3.0"');
    expect((await user.run(['compose', 'team', '-f', '-', '--wait'], recipe)).code).toBe(0);
    const args = [
      'recompose',
      'team/behind',
      '--next',
      'minor',
      '--set',
      'replicas=7',
      '--wait',
      '-o',
      'name',
    ];
    expect(await user.run(args)).toEqual({ code: 0, stdout: 'team/behind:1.1.0\n', stderr: '' });
    const values = JSON.parse((await user.run(['show', 'values', 'team/behind', '-o', 'json'])).stdout);
    expect(values).toMatchObject({ replicas: 7, mode: '0644' });
    // Workers bring the list up to date soon after the version is there.
    const newer = async () => (await user.run(['outdated', 'team', '--state', 'newer'])).stdout;
    await expect
      .poll(newer, starts)
      .toMatch(/team\/behind:1\.1\.0 +newer +minor +team\/web:1\.2\.0 -> 1\.3\.0/);
    expect((await user.run(['recompose', 'team/behind'])).code).toBe(2);
    expect((await user.run(['recompose', 'team/web', '--next', 'minor'])).code).toBe(3);
  });
});

describe('jobs', () => {
  it('compose that waits ends with 7 after its timeout, and with 130 when it is interrupted; the job goes on', async () => {
    const user = await createUser(idle.url);
    const late = await user.run(['compose', 'team', '-f', '-', '--timeout', '1s'], recipeOf('1.0.0'));
    expect(late.code).toBe(7);
    const [, id = ''] = /job watch ([\w-]+)/.exec(late.stderr) ?? [];
    expect(JSON.parse((await user.run(['job', 'get', id, '-o', 'json'])).stdout)).toMatchObject({
      state: 'queued',
    });
    const waiting = user.start(['compose', 'team', '-f', '-', '--wait'], recipeOf('2.0.0'));
    const output = outputOf(waiting);
    await expect.poll(() => countJobs('2.0.0'), starts).toBe(1);
    waiting.kill('SIGINT');
    expect(await output).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
    const watching = user.start(['job', 'watch', id]);
    const watched = outputOf(watching);
    if (watching.stdout) await once(watching.stdout, 'data');
    watching.kill('SIGINT');
    expect(await watched).toMatchObject({
      code: 130,
      stderr: `job ${id} goes on: \`helm-registry job watch ${id}\` follows it\nhelm-registry: interrupted\n`,
    });
  });

  it('job watch ends with 6 when somebody cancels the job, and a second cancel with 5', async () => {
    const user = await createUser(idle.url);
    const sent = await user.run(['compose', 'team', '-f', '-', '-o', 'name'], recipeOf('3.0.0'));
    const id = sent.stdout.trim();
    const watch = user.start(['job', 'watch', id]);
    const lines = outputOf(watch);
    if (watch.stdout) await once(watch.stdout, 'data');
    expect((await user.run(['job', 'cancel', id])).code).toBe(0);
    const watched = await lines;
    expect(watched.code).toBe(6);
    expect(watched.stdout).toMatch(/queued[\s\S]*cancelled\n$/);
    expect((await user.run(['job', 'cancel', id])).code).toBe(5);
    expect((await user.run(['job', 'get', 'b5a5ff7e-0000-4000-8000-000000000000'])).code).toBe(3);
    const listed = await user.run(['job', 'list', '--state', 'cancelled,failed', '-o', 'name']);
    expect(listed.stdout).toBe(`${id}\n`);
  });

  it('job watch writes each change as a line of JSON, up to the end of the job', async () => {
    const user = await createUser();
    const sent = await user.run(['compose', 'team', '-f', '-', '-o', 'name'], recipeOf('4.0.0'));
    const watched = await user.run(['job', 'watch', sent.stdout.trim(), '-o', 'json']);
    expect(watched.code).toBe(0);
    const states = watched.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).state);
    expect(states.at(-1)).toBe('succeeded');
  });

  it('compose that waits ends with 6 and the reason when its job fails', async () => {
    const user = await createUser(idle.url);
    expect((await idle.upload('strict', { name: 'shop', version: '1.0.0' })).status).toBe(201);
    const recipe = recipeOf('1.0.0')
      .replace('save:', 'save:\n  replace: true')
      .replace('chart: web', 'space: team, chart: web');
    const waiting = outputOf(user.start(['compose', 'strict', '-f', '-', '--wait'], recipe));
    await expect.poll(() => countJobs('1.0.0', 'strict'), starts).toBe(1);
    const immutable = { method: 'PATCH', body: '{"overwriting":"immutable"}' };
    expect((await idle.api('/spaces/strict', immutable)).ok).toBe(true);
    const worker = await idle.startWorker();
    const { code, stderr } = await waiting;
    await worker.close();
    expect(code).toBe(6);
    expect(stderr).toContain('immutable');
  });
});

describe('looking', () => {
  it('show writes files as they stand, and what the registry reads in them as JSON', async () => {
    const user = await createUser();
    const values = await user.run(['show', 'values', 'team/web:1.2.0']);
    expect(values).toEqual({ code: 0, stdout: 'replicas: 1\nimage:\n  tag: 1.2.0\n', stderr: '' });
    expect((await user.run(['show', 'readme', 'team/web'])).stdout).toBe('# Web\n');
    const chart = await user.run(['show', 'chart', 'team/web:~1.2', '-o', 'yaml']);
    expect(chart.stdout).toContain('version: 1.2.0\n');
    const files = await user.run(['show', 'files', 'team/web', '-o', 'name']);
    expect(files.stdout.split('\n')).toContain('templates/all.yaml');
    const file = await user.run(['show', 'files', 'team/web:1.3.0', 'templates/all.yaml']);
    expect(file.stdout).toBe('# 1.3.0\n{{ .Values.replicas }}\n');
    expect((await user.run(['show', 'files', 'team/web', 'absent'])).code).toBe(3);
    for (const args of [
      ['values', 'team'],
      ['values', '../web'],
      ['files', 'team/web', '../Chart.yaml'],
    ])
      expect((await user.run(['show', ...args])).code).toBe(2);
  });

  it('search finds by words and keywords, and says where it stopped', async () => {
    const user = await createUser();
    expect((await user.run(['search', 'web', 'front', '--keyword', 'http', '-o', 'name'])).stdout).toContain(
      'team/web\n',
    );
    const limited = await user.run(['search', '--limit', '1', '-o', 'name']);
    expect(limited.stderr).toMatch(/^1 of \d+; --limit shows more\n$/);
    expect((await user.run(['search', '--limit', 'many'])).code).toBe(2);
  });

  it('compare lists differences by part, and writes diffs of files', async () => {
    const user = await createUser();
    const table = await user.run(['compare', 'team/web:1.2.0', '1.3.0']);
    expect(table.stdout).toMatch(/values +changed +\/image\/tag +1\.2\.0 +1\.3\.0\n/);
    expect(table.stdout).toMatch(/files +changed +templates\/all\.yaml/);
    const diff = await user.run(['compare', 'team/web:1.2.0', 'team/web:1.3.0', '--diff']);
    expect(diff.stdout).toContain('-# 1.2.0\n+# 1.3.0\n');
    const json = await user.run(['compare', 'team/web:1.2.0', '1.3.0', '--only', 'values', '-o', 'json']);
    expect(JSON.parse(json.stdout).values.items).toHaveLength(1);
  });

  it('delete wants --yes where it cannot ask, never takes a range, and is undone by restore', async () => {
    const user = await createUser();
    await registry.upload('trash', { name: 'old', version: '1.0.0' });
    await registry.upload('trash', { name: 'old', version: '1.1.0' });
    expect(await user.run(['delete', 'trash/old:1.0.0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    expect((await user.run(['delete', 'trash/old:^1', '--yes'])).code).toBe(2);
    expect((await user.run(['list', 'trash/old', '-o', 'name'])).stdout).toBe(
      'trash/old:1.1.0\ntrash/old:1.0.0\n',
    );
    const deleted = await user.run(['delete', 'trash/old:1.0.0', 'trash/absent', '--yes']);
    expect(deleted.code).toBe(3);
    expect(deleted.stdout).toMatch(/deleted +trash\/old:1\.0\.0[\s\S]*failed +trash\/absent/);
    const addresses = ['deleted', 'trash/old', '-o', 'name'];
    expect((await user.run(addresses)).stdout).toBe('trash/old:1.0.0\n');
    expect((await user.run(['restore', 'trash/old'])).code).toBe(2);
    expect((await user.run(['restore', 'trash/old:1.1.0'])).code).toBe(5);
    const other = ['--digest', `sha256:${'0'.repeat(64)}`];
    expect((await user.run(['restore', 'trash/old:1.0.0', ...other])).code).toBe(3);
    const listed = await user.run(['deleted', 'trash', '-o', 'json']);
    const [{ digest }] = JSON.parse(listed.stdout);
    const restored = await user.run(['restore', 'trash/old:1.0.0', '--digest', digest]);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining(digest) });
    expect((await user.run(addresses)).stdout).toBe('');
    expect((await user.run(['delete', 'trash', '-y'])).code).toBe(0);
    expect((await user.run(['list', 'trash'])).code).toBe(3);
  });
});

async function countJobs(version: string, space = 'team'): Promise<number> {
  const [row] = await idle.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM jobs WHERE version = $1 AND space = $2',
    [version, space],
  );
  return row?.count ?? 0;
}
