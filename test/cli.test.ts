import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { packageFolder, programVersion } from '../core/runtime/package-info.ts';
import { createClient } from './support/client.ts';
import { inheritedEnvironment } from './support/environment.ts';
import { cliOutput, serve } from './support/process.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'registry-cli-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
});

/** Lists the processes whose command line has the data folder. */
async function leftovers(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(dataDir));
}

describe('the command line', () => {
  it('the command line prints its commands and its version', async () => {
    const help = await cliOutput(['--help']);
    expect(help.code).toBe(0);
    const commands = ['serve', 'api', 'worker', 'migrate', 'gc', 'verify', 'hold', 'resume', 'push', 'login'];
    for (const command of commands) expect(help.stdout).toContain(`  ${command} `);
    expect((await cliOutput(['--version'])).stdout.trim()).toBe(programVersion);
  });

  it('the command line refuses unknown commands and options', async () => {
    expect((await cliOutput(['fly'])).code).toBe(2);
    expect((await cliOutput(['serve', '--fast'])).code).toBe(2);
    expect((await cliOutput(['push', 'team-a'])).code).toBe(2);
  });

  it('the command line of the registry has the commands of users too', async () => {
    const served = await serve({ DATA_DIR: dataDir });
    await createClient([served.url]).upload('lib', { name: 'web' });
    const environment = { HELM_REGISTRY_URL: served.url, XDG_CONFIG_HOME: dataDir };
    expect(await cliOutput(['list', 'lib', '-o', 'name'], environment)).toEqual({
      code: 0,
      stdout: 'lib/web\n',
      stderr: '',
    });
    expect(await served.end('SIGTERM')).toBe(0);
  });

  it.each(['api', 'worker'])('%s without DATABASE_URL refuses to start', async (command) => {
    const { code, stderr } = await cliOutput([command], { DATA_DIR: dataDir, DATABASE_URL: '' });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `helm-registry: ${command} needs DATABASE_URL; \`helm-registry serve\` runs everything without one\n`,
    );
  });

  it.each([
    ['an unknown key', 'listen: ":0"\nlisen: ":1"\n', 'lisen'],
    [
      'an unknown key further down',
      'manager:\n  parameters:\n    rootdir: x\n',
      'manager.parameters.rootdir',
    ],
    ['a bad value', 'worker:\n  concurrency: many\n', 'worker.concurrency'],
    ['no YAML', 'a: [\n', 'config.yaml'],
  ])('serve names %s in its configuration file and does not start', async (_, text, name) => {
    const file = join(dataDir, 'config.yaml');
    await writeFile(file, text);
    const { code, stderr } = await cliOutput(['serve', '-c', file], { DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(stderr).toContain(name);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('serve names a bad variable, and never the value of a secret one', async () => {
    const bad = await cliOutput(['serve'], { DATA_DIR: dataDir, WORKER_CONCURRENCY: 'many' });
    expect(bad.stderr).toContain('WORKER_CONCURRENCY');
    const secret = await cliOutput(['serve'], { DATA_DIR: dataDir, DATABASE_URL: 'mysql://u:hidden@h/d' });
    expect(secret.stderr).toContain('DATABASE_URL');
    expect(secret.stderr).not.toContain('hidden');
  });

  it('migrate migrates the embedded database and ends', async () => {
    expect((await cliOutput(['migrate'], { DATA_DIR: dataDir })).code).toBe(0);
    expect(await leftovers()).toEqual([]);
  });
});

describe('maintenance', () => {
  it('verify and gc work on the embedded database while no process serves it', async () => {
    expect((await cliOutput(['migrate'], { DATA_DIR: dataDir })).code).toBe(0);
    expect(await cliOutput(['verify'], { DATA_DIR: dataDir })).toEqual({
      code: 0,
      stdout: '0 versions, 0 blobs, 0 bytes read: nothing is wrong\n',
      stderr: '',
    });
    expect(await cliOutput(['gc'], { DATA_DIR: dataDir })).toMatchObject({ code: 0, stderr: '' });
    expect(await leftovers()).toEqual([]);
  });

  it.each(['gc', 'verify'])('%s reports a database that it cannot reach', async (command) => {
    const environment = { DATA_DIR: dataDir, DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d' };
    const { code, stderr } = await cliOutput([command], environment);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'helm-registry: cannot reach PostgreSQL at DATABASE_URL: nothing listens there (ECONNREFUSED): check host and port in DATABASE_URL, and that the server runs\n',
    );
  });

  it('gc refuses a grace period that is no whole number of seconds', async () => {
    for (const grace of ['soon', '-1', '1.5']) {
      const { code, stderr } = await cliOutput(['gc', '--grace', grace], { DATA_DIR: dataDir });
      expect(code).toBe(2);
      expect(stderr).toContain('A whole number of seconds is needed.');
    }
  });
});

describe('serve', () => {
  it('serve reports a data folder that it cannot write to, with advice', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    const { code, stderr } = await cliOutput(['serve'], { DATA_DIR: file, LISTEN: '127.0.0.1:0' });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `helm-registry: cannot write to the data folder ${file}: a file is in its way (EEXIST); move that away, or choose another folder with DATA_DIR\n`,
    );
  });

  it.each([
    ['SIGTERM', false],
    ['SIGTERM', true],
    ['SIGINT', true],
  ] as const)(
    'serve ends cleanly on %s (to the whole group: %s), and has its data after the next start',
    async (signal, group) => {
      const first = await serve({ DATA_DIR: dataDir });
      await fetch(`${first.url}/api/v1/spaces?space=kept`, { method: 'POST' });
      expect(await first.end(signal, group)).toBe(0);
      expect(await leftovers()).toEqual([]);
      const second = await serve({ DATA_DIR: dataDir });
      expect(await (await fetch(`${second.url}/api/v1/spaces`)).json()).toMatchObject({ items: ['kept'] });
      expect(await second.end('SIGTERM')).toBe(0);
    },
  );

  // Ctrl-C is the second case: the terminal signals the whole group, and npm signals its child once more.
  it.each([
    ['npm', 1, 'SIGTERM'],
    ['the group of npm', -1, 'SIGINT'],
  ] as const)('serve started by npm ends cleanly when %s gets a signal', async (_, sign, signal) => {
    const npm = spawn('npm', ['start'], {
      cwd: packageFolder,
      env: { ...inheritedEnvironment(), DATA_DIR: dataDir, LISTEN: '127.0.0.1:0' },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let output = '';
    npm.stdout.on('data', (chunk) => (output += chunk));
    await expect.poll(() => output, { timeout: 60_000 }).toContain('"msg":"serving"');
    const ended = once(npm, 'exit');
    process.kill(sign * (npm.pid ?? 0), signal);
    await ended;
    await expect.poll(leftovers, { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => output, { timeout: 30_000 }).toContain('"msg":"closed"');
  });

  it('serve that is shut down aborts a webhook call that hangs', async () => {
    const receiver = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => {
      receiver.closeAllConnections();
      receiver.close();
    });
    await once(receiver, 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const served = await serve({ DATA_DIR: dataDir, WEBHOOK_ALLOW: '127.0.0.0/8' });
    await createClient([served.url]).upload('lib', { name: 'web' });
    const called = once(receiver, 'request');
    await fetch(`${served.url}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      body: JSON.stringify({
        save: { chart: 'shop', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        callback: { url: `http://127.0.0.1:${port}/` },
      }),
    });
    await called;
    expect(await served.end('SIGTERM')).toBe(0);
  });

  it('migrate accepts the configuration file of the original registry', async () => {
    const file = join(dataDir, 'config.yaml');
    const data = join(dataDir, 'data');
    await writeFile(
      file,
      `listen: "127.0.0.1:0"\nmanager:\n  name: "simple"\n  parameters:\n    resourcelocker: memory\n` +
        `    storagedriver: filesystem\n    rootdirectory: "${data}"\n    locktimeout: 1000\n`,
    );
    const { code, stdout } = await cliOutput(['migrate', '-c', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('PostgreSQL runs');
  });

  it('serve, gc and verify refuse a data folder that another process serves', async () => {
    const first = await serve({ DATA_DIR: dataDir });
    const second = await cliOutput(['serve'], { DATA_DIR: dataDir, LISTEN: '127.0.0.1:0' });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/in use/);
    for (const command of ['gc', 'verify']) {
      const refused = await cliOutput([command], { DATA_DIR: dataDir });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`To run \`${command}\` now, stop that one first`);
    }
    expect(await first.end('SIGTERM')).toBe(0);
  });
});
