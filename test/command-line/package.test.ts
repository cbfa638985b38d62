import { type ChildProcess, execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUserCommands } from '../../cli/user/add-commands.ts';
import { digestOf } from '../../core/blobs/content.ts';
import { programVersion } from '../../core/runtime/package-info.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { buildCommandLine } from '../support/command-line.ts';
import { openSession, readUserCode } from '../support/device-logins.ts';
import { inheritedEnvironment } from '../support/environment.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { mirror } from '../support/mirrors.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const password = 'a sentence of several words';

/** Folder of npm's prefix, and of the user's files, in which the examples run. */
let prefix: string;
let home: string;
let open: TestRegistry;
let guarded: GuardedRegistry;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  const commandLine = await buildCommandLine();
  prefix = await mkdtemp(join(tmpdir(), 'prefix-'));
  const npm = (...args: string[]) =>
    promisify(execFile)('npm', [...args, '--no-update-notifier'], { cwd: prefix });
  const packed = await npm('pack', commandLine.folder, '--json');
  const [{ filename }] = JSON.parse(packed.stdout);
  await npm('install', '--global', '--offline', '--prefix', prefix, join(prefix, filename));
  home = join(prefix, 'home');
  await mkdir(home);
  // A registry without a worker: its jobs wait until one is started.
  [open, guarded] = await Promise.all([startRegistry({}, { worker: false }), startGuarded()]);
  environment = {
    ...inheritedEnvironment(),
    PATH: `${join(prefix, 'bin')}:${process.env.PATH}`,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    DOCKER_CONFIG: home,
    HELM_REGISTRY_CONFIG: join(home, 'helm.json'),
  };
}, 240_000);
afterAll(async () => {
  await Promise.all([open?.close(), guarded?.close()]);
  await rm(prefix, { recursive: true, force: true });
});

/** Runs a line in a shell, with the addresses of the registries of this test. @throws where it exits with another code than 0 */
async function runLine(line: string): Promise<string> {
  const command = line
    .replaceAll('127.0.0.1:8099', new URL(open.url).host)
    .replaceAll('127.0.0.1:8098', new URL(guarded.url).host);
  const running = promisify(execFile)('bash', ['-ec', command], { cwd: home, env: environment });
  if (line.includes('--browser')) await Promise.race([approve(running.child), running]);
  return (await running).stdout;
}

/** Approves the log-in of a command, as a user does on the page. */
async function approve(command: ChildProcess): Promise<void> {
  // The code may come before the user is there.
  const [code, user] = await Promise.all([
    readUserCode(command),
    guarded.addUser('dora').then((id) => openSession(guarded, id)),
  ]);
  expect((await user.send('approve', code)).status).toBe(204);
}

/** Lists the commands that do something, each as the words that lead to it. */
function listCommands(command: Command, words: string[] = []): string[] {
  const children = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');
  if (children.length === 0) return [words.join(' ')];
  return children.flatMap((child) => listCommands(child, [...words, child.name()]));
}

const program = new Command('helm-registry');
addUserCommands(program);
const commands = listCommands(program);

describe('the package of the user commands', () => {
  it('the package has one program and installs nothing beside it', async () => {
    const modules = join(prefix, 'lib/node_modules');
    expect(await readdir(modules)).toEqual(['@helm-registry']);
    const folder = join(modules, '@helm-registry/command-line');
    expect((await readdir(folder)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'helm-registry.js',
      'package.json',
    ]);
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).dependencies).toBeUndefined();
    expect(await runLine('helm-registry --version')).toBe(`${programVersion}\n`);
    const help = await runLine('helm-registry --help');
    for (const name of ['push', 'compose', 'job']) expect(help).toContain(`  ${name} `);
    for (const name of ['serve', 'migrate']) expect(help).not.toContain(`  ${name} `);
  });

  it('the help of each command has examples that work as they stand', { timeout: 480_000 }, async () => {
    await prepare();
    // A worker is started once a job that waits has been cancelled. Commands that remove something come last.
    const order = (name: string) =>
      ['login', 'job cancel'].indexOf(name) >= 0
        ? 0
        : /^(?:delete|logout|context remove)$/.test(name)
          ? 2
          : 1;
    const sorted = [...commands].sort((a, b) => order(a) - order(b));
    let ran = 0;
    for (const name of sorted) {
      if (name === 'job cancel') environment.WAITING_JOB = await compose('waiting');
      if (order(name) === 1 && environment.JOB === undefined) await startWork();
      if (order(name) === 2) await runLine('helm-registry login http://127.0.0.1:8099');
      for (const example of await readExamples(name)) {
        await runLine(example).catch((error: unknown) => {
          throw new Error(`helm-registry ${name} --help: ${example}`, { cause: error });
        });
        ran += 1;
      }
      if (name === 'login') await runLine('helm-registry context use 127.0.0.1:8099');
    }
    expect(ran).toBeGreaterThan(commands.length);
  });
});

/** Reads the examples from the help of a command. */
async function readExamples(name: string): Promise<string[]> {
  const [, examples = ''] = (await runLine(`helm-registry ${name} --help`)).split('\nExamples:\n');
  const lines = examples.split('\n').flatMap((line) => (line.startsWith('  ') ? [line.trim()] : []));
  if (lines.length === 0) throw new Error(`helm-registry ${name} --help has no examples`);
  return lines;
}

/** Makes the files that examples name, and the charts that they ask for. */
async function prepare(): Promise<void> {
  const ana = await guarded.admin.api('/users', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'ana', password }),
  });
  expect(ana.status).toBe(201);
  const { text } = await guarded.addToken(await guarded.addUser('ben'));
  await writeFile(join(home, 'password.txt'), `${password}\n`);
  await writeFile(join(home, 'token.txt'), `${text}\n`);
  const files = { 'README.md': '# Web\n', 'templates/deployment.yaml': 'kind: Deployment\n' };
  const web = (version: string): TestChart => ({
    ...{ name: 'web', version, values: { replicas: 1 }, files, manifest: { keywords: ['http'] } },
  });
  await mkdir(join(home, 'charts'));
  for (const [file, chart] of [
    ['web-1.2.0.tgz', web('1.2.0')],
    ['charts/web-1.3.0.tgz', web('1.3.0')],
    ['charts/cache-0.4.1.tgz', { name: 'cache', version: '0.4.1' }],
  ] as const) {
    const archive = await packChart(chart);
    await writeFile(join(home, file), archive);
    expect((await open.upload('team-a', archive)).status).toBe(201);
  }
  // Versions that can be restored.
  for (const version of ['1.0.0', '1.1.0']) {
    const archive = await packChart(web(version));
    expect((await open.upload('team-a', archive)).status).toBe(201);
    const path = `/spaces/team-a/charts/web/versions/${version}`;
    expect((await open.api(path, { method: 'DELETE' })).status).toBe(204);
    environment.DIGEST ??= digestOf(archive);
  }
  await open.upload('team-b', { name: 'web' });
  // Charts that are there already are not copied again.
  await mkdir(join(home, 'tenants/team-a'), { recursive: true });
  await copyFile(join(home, 'web-1.2.0.tgz'), join(home, 'tenants/team-a/web-1.2.0.tgz'));
  Object.assign(environment, {
    REPOSITORY: `${open.url}/team-a`,
    MUSEUM: open.url,
    OCI_HOST: new URL(open.url).host,
  });
  await writeFile(join(home, 'recipe.yaml'), recipeOf('shop'));
  await runLine('helm-registry login http://127.0.0.1:8099');
}

const recipeOf = (chart: string) =>
  `save: { chart: ${chart}, version: 1.0.0, replace: true }\nconfigs:\n  package: { independent: true, chart: web, version: ^1.2.0 }\n`;

/** Sends a recipe. @returns the id of its job */
async function compose(chart: string): Promise<string> {
  await writeFile(join(home, 'other.yaml'), recipeOf(chart));
  return (await runLine('helm-registry compose team-a -f other.yaml -o name')).trim();
}

async function startWork(): Promise<void> {
  await open.startWorker();
  environment.JOB = await compose('shop');
  await runLine('helm-registry job watch $JOB');
  await mirror(open, 'copies', { url: `${open.url}/team-a`, every: null });
}
