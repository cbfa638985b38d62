import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createBrowser } from '../support/browser.ts';
import { buildCommandLine, type CommandLine, type CommandLineUser } from '../support/command-line.ts';
import { openSession, type PageSession, pageSession, readUserCode } from '../support/device-logins.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startOidcProvider, type TestProvider } from '../support/oidc-provider.ts';
import { outputOf } from '../support/process.ts';
import { isAvailable } from '../support/servers/program.ts';

let commandLine: CommandLine;
let provider: TestProvider;
let registry: GuardedRegistry;
let ana: PageSession;
beforeAll(async () => {
  [commandLine, provider] = await Promise.all([buildCommandLine(), startOidcProvider()]);
  registry = await startGuarded(
    { oidcIssuer: provider.issuer, oidcClientId: provider.clientId, oidcClientSecret: provider.clientSecret },
    { worker: false },
  );
  provider.serve([`${registry.url}/login/callback`]);
  ana = await openSession(registry, await registry.addUser('ana'));
}, 120_000);
afterAll(async () => {
  await registry?.close();
  await provider?.close();
});

/** Starts a log-in by the browser, and reads the code that it shows. */
async function startLogin(user: CommandLineUser, ...options: string[]) {
  const command = user.start(['login', registry.url, '--name', 'work', ...options]);
  const output = outputOf(command);
  return { command, output, code: await readUserCode(command) };
}

const contextFile = (user: CommandLineUser) => join(user.home, 'config/helm-registry/contexts/work.json');
const readContext = async (user: CommandLineUser) =>
  Object(JSON.parse(await readFile(contextFile(user), 'utf8')));

describe('login --browser', () => {
  it('keeps a token of who approves in a file of the user alone, and logout revokes it', async () => {
    const user = await commandLine.createUser();
    const { output, code } = await startLogin(user, '--browser', '--expires-in', '7');
    expect((await ana.send('approve', code, { role: 'reader' })).status).toBe(204);
    const { stdout, stderr, code: exit } = await output;
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' });
    expect(stderr).toContain(`\n  ${registry.url}/-/device?code=${code}\n`);
    expect(stderr).toContain(`logged in to ${registry.url} as ana; the context is work\n`);
    expect((await stat(contextFile(user))).mode & 0o777).toBe(0o600);
    const { token } = await readContext(user);
    expect(token).toMatch(/^hrt_/);
    expect(stderr).not.toContain(token);
    const caller = JSON.parse((await user.run(['whoami', '-o', 'json'])).stdout);
    expect(caller).toMatchObject({ caller: { name: 'ana', bounds: { role: 'reader' } } });
    expect((await user.run(['logout'])).code).toBe(0);
    const after = await registry.anonymous.api('/whoami', { headers: { Authorization: `Bearer ${token}` } });
    expect(after.status).toBe(401);
  });

  it('logs in who comes from a provider, to whom the page leads back', async () => {
    provider.people.set('grace', { preferred_username: 'grace' });
    provider.logsIn('grace');
    const user = await commandLine.createUser();
    const { output, code } = await startLogin(user, '--browser');
    const browser = createBrowser();
    const back = `/-/device?code=${code}`;
    const visit = await browser.open(`${registry.url}/login/oidc?return=${encodeURIComponent(back)}`);
    expect([visit.status, visit.url]).toEqual([200, `${registry.url}${back}`]);
    const cookie = `helm-registry=${browser.cookies('127.0.0.1').get('helm-registry')}`;
    expect((await pageSession(registry.url, cookie).send('approve', code)).status).toBe(204);
    expect(await output).toMatchObject({ code: 0, stderr: expect.stringContaining('as grace;') });
    const caller = JSON.parse((await user.run(['whoami', '-o', 'json'])).stdout);
    expect(caller).toMatchObject({ caller: { name: 'grace', credential: 'token' } });
  });

  it('ends with 4 after a denial, with 7 after its time, with 130 when it is interrupted, and keeps nothing', async () => {
    const [denied, late, interrupted] = await Promise.all([1, 2, 3].map(() => commandLine.createUser()));
    if (!denied || !late || !interrupted) throw new Error('three users were asked for');
    const [first, second, third] = [
      await startLogin(denied, '--browser'),
      await startLogin(late, '--browser'),
      await startLogin(interrupted, '--browser'),
    ];
    third.command.kill('SIGINT');
    await ana.send('deny', first.code);
    await registry.db.query('UPDATE device_logins SET expires_at = now() WHERE user_code = $1', [
      second.code.replace('-', ''),
    ]);
    expect(await first.output).toMatchObject({ code: 4, stderr: expect.stringContaining('was denied') });
    expect(await second.output).toMatchObject({ code: 7, stderr: expect.stringContaining('in time') });
    expect((await third.output).code).toBe(130);
    for (const user of [denied, late, interrupted])
      await expect(readFile(contextFile(user))).rejects.toThrow('ENOENT');
  });

  it('opens the address with --open alone, in the browser that BROWSER names', async () => {
    const user = await commandLine.createUser();
    const browser = join(user.home, 'browser');
    const opened = join(user.home, 'opened');
    await writeFile(
      browser,
      `#!/bin/sh\nprintf %s "$1" > "${opened}.part" && mv "${opened}.part" "${opened}"\n`,
    );
    await chmod(browser, 0o755);
    user.environment.BROWSER = browser;
    const unopened = await startLogin(user, '--browser');
    await ana.send('deny', unopened.code);
    expect((await unopened.output).code).toBe(4);
    await expect(readFile(opened)).rejects.toThrow('ENOENT');
    const { output, code } = await startLogin(user, '--open');
    await expect
      .poll(() => readFile(opened, 'utf8').catch(() => ''), { timeout: 30_000 })
      .toBe(`${registry.url}/-/device?code=${code}`);
    await ana.send('approve', code);
    expect((await output).code).toBe(0);
  });

  it('warns of an address at another host and does not open it, and prints nothing that a terminal obeys', async () => {
    const user = await commandLine.createUser();
    const opened = join(user.home, 'opened');
    user.environment.BROWSER = join(user.home, 'browser');
    await writeFile(user.environment.BROWSER, `#!/bin/sh\ntouch "${opened}"\n`, { mode: 0o755 });
    // A hostile registry begins a log-in at another one, whose user is to approve it.
    const elsewhere = 'https://charts.example.com/-/device';
    const answers: Readonly<Record<string, [number, object]>> = {
      '/api/v1/whoami': [200, { kind: 'anonymous' }],
      '/api/v1/device': [
        200,
        {
          ...{ device_code: 'x', user_code: 'BCDF\u001b]0;title\u0007-GHJK', expires_in: 600, interval: 0 },
          ...{ verification_uri: elsewhere, verification_uri_complete: `${elsewhere}?code=BCDF-GHJK` },
        },
      ],
      '/api/v1/device/token': [400, { code: 'device.\u009b31m', message: 'over\u001b[2J' }],
    };
    const hostile = createServer((request, response) => {
      const [status, body] = answers[request.url ?? ''] ?? [404, {}];
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    await once(hostile.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void hostile.close());
    const address = hostile.address();
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { code, stderr } = await user.run(['login', `http://${host}`, '--open']);
    expect(code).toBe(1);
    expect(stderr).toContain(`warning: this address is not at ${host}, so it is not opened.`);
    expect(stderr).toContain('over[2J (device.31m)');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the point is to find them
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    await expect(stat(opened)).rejects.toThrow('ENOENT');
  });

  it('login --browser is not combined with a password or a token', async () => {
    const user = await commandLine.createUser();
    for (const other of [['-u', 'ana'], ['--token-stdin']])
      expect((await user.run(['login', registry.url, '--browser', ...other], 'secret')).code).toBe(2);
  });

  it.skipIf(!isAvailable('script', ['--version']))(
    'login --browser is the way of a terminal where neither user nor token is given',
    async () => {
      const user = await commandLine.createUser();
      const words = [process.execPath, join(commandLine.folder, 'helm-registry.js'), 'login', registry.url];
      const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
        cwd: user.home,
        env: { ...user.environment, TERM: 'xterm' },
      });
      const output = outputOf(child);
      await ana.send('approve', await readUserCode(child));
      expect(await output).toMatchObject({ code: 0, stdout: expect.stringContaining('as ana;') });
    },
  );
});
