import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { packChart } from '../support/charts.ts';
import { buildCommandLine, type CommandLine, type CommandLineUser } from '../support/command-line.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startRegistry } from '../support/registry.ts';
import { makeCertificateFolder } from '../support/tls.ts';

const password = 'a sentence of several words';

let guarded: GuardedRegistry;
let token: string;
let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await buildCommandLine();
  guarded = await startGuarded();
  const added = await guarded.admin.api('/users', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'ana', password }),
  });
  expect(added.status).toBe(201);
  await guarded.addSpace('team', 'private');
  const ben = await guarded.addUser('ben');
  await guarded.setRole(ben, 'team', 'reader');
  token = (await guarded.addToken(ben)).text;
  await guarded.admin.upload('team', await packChart({ name: 'web' }));
});
afterAll(async () => {
  await guarded?.close();
});

/** Writes credentials as `docker login` and `helm registry login` store them. */
function credentialsFile(host: string, pair: string): string {
  return JSON.stringify({ auths: { [host]: { auth: Buffer.from(pair).toString('base64') } } });
}

describe('log-ins', () => {
  it('login to an open registry needs no credentials, and its context is used', async () => {
    const open = await startRegistry();
    onTestFinished(() => open.close());
    const user = await commandLine.createUser();
    const host = new URL(open.url).host;
    expect(await user.run(['login', host])).toEqual({
      code: 0,
      stdout: '',
      stderr: `logged in to http://${host} without credentials; the context is ${host}\n`,
    });
    expect(JSON.parse((await user.run(['whoami', '-o', 'json'])).stdout)).toEqual({
      registry: { url: open.url, context: host, source: 'none' },
      caller: { kind: 'open' },
    });
    const contexts = await user.run(['context', 'list']);
    expect(contexts.stdout).toBe(
      `NAME${' '.repeat(host.length - 4)}  CURRENT  USER  URL\n${host}  yes      -     ${open.url}\n`,
    );
    expect((await user.run(['context', 'remove', host])).code).toBe(0);
    expect(await user.run(['list'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('helm-registry login URL'),
    });
  });

  it('login with a password keeps a token that logout revokes, and never the password', async () => {
    const user = await commandLine.createUser();
    const { code, stderr } = await user.run(
      ['login', guarded.url, '-u', 'ana', '--name', 'work'],
      `${password}\n`,
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `logged in to ${guarded.url} as ana; the context is work\n`,
    });
    const file = join(user.home, 'config/helm-registry/contexts/work.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const stored = await readFile(file, 'utf8');
    expect(stored).not.toContain(password);
    const kept = Object(JSON.parse(stored)).token;
    expect(kept).toMatch(/^hrt_/);
    const listed = await user.run(['context', 'list', '-o', 'json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'work', user: 'ana', loggedIn: true }]);
    expect(listed.stdout).not.toContain(kept);
    const again = await user.run(['login', '-u', 'ana', '--name', 'work'], password);
    expect(again.code).toBe(0);
    expect(await statusOf(kept)).toBe(401);
    const newer = Object(JSON.parse(await readFile(file, 'utf8'))).token;
    expect(await statusOf(newer)).toBe(200);
    expect((await user.run(['logout'])).code).toBe(0);
    expect(await statusOf(newer)).toBe(401);
    expect(await readFile(file, 'utf8')).not.toContain('hrt_');
  });

  it('login with wrong credentials ends with 4, says nothing of them, and keeps the former context', async () => {
    const user = await commandLine.createUser();
    expect((await user.run(['login', guarded.url, '--token-stdin'], `${token}\n`)).code).toBe(0);
    const file = join(
      user.home,
      'config/helm-registry/contexts',
      `${encodeURIComponent(new URL(guarded.url).host)}.json`,
    );
    const before = await readFile(file, 'utf8');
    for (const [args, secret] of [
      [['-u', 'ana'], 'not the password'],
      [['--token-stdin'], 'hrt_nothing_secret'],
    ] as const) {
      const { code, stdout, stderr } = await user.run(['login', guarded.url, ...args], secret);
      expect(code).toBe(4);
      expect(stdout + stderr).not.toContain(secret);
    }
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('login without credentials on standard input, or without a terminal to ask at, ends with 2', async () => {
    const user = await commandLine.createUser();
    for (const args of [['-u', 'ana'], ['--token-stdin'], []]) {
      const { code, stderr } = await user.run(['login', guarded.url, ...args], '');
      expect(code).toBe(2);
      expect(stderr).toContain('standard input');
    }
    const odd = await user.run(['login', guarded.url, '--token-stdin'], 'hrt_with blanks');
    expect(odd.code).toBe(2);
    expect(odd.stderr).not.toContain('hrt_');
    const secret = await user.run(['login', 'https://ana:hidden@charts.example.com']);
    expect(secret.code).toBe(2);
    expect(secret.stderr).not.toContain('hidden');
  });

  it('two log-ins at the same time do not lose each other', async () => {
    const user = await commandLine.createUser();
    const names = ['first', 'second', 'third'];
    const done = await Promise.all(
      names.map((name) => user.run(['login', guarded.url, '--token-stdin', '--name', name], token)),
    );
    expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);
    const listed = await user.run(['context', 'list', '-o', 'name']);
    expect(listed.stdout.trim().split('\n')).toEqual(names);
  });
});

describe('credentials', () => {
  const callerOf = async (user: CommandLineUser) =>
    JSON.parse((await user.run(['whoami', '-o', 'json'])).stdout);

  it('a token of the environment goes before the one of the context', async () => {
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: guarded.url, HELM_REGISTRY_TOKEN: token });
    expect(await callerOf(user)).toMatchObject({
      registry: { source: 'environment' },
      caller: { name: 'ben' },
    });
    const wrong = await commandLine.createUser({
      HELM_REGISTRY_URL: guarded.url,
      HELM_REGISTRY_TOKEN: 'hrt_wrong_secret',
    });
    expect((await wrong.run(['login', guarded.url, '--token-stdin', '--name', 'ben'], token)).code).toBe(0);
    const refused = await wrong.run(['list', 'team']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).not.toContain('hrt_wrong_secret');
    // A context on the command line is meant as it is.
    expect(await wrong.run(['list', 'team', '-o', 'name', '--context', 'ben'])).toMatchObject({
      code: 0,
      stdout: 'team/web\n',
    });
  });

  it('credentials that Helm or Docker has stored for the host are used, Helm first', async () => {
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: guarded.url });
    const { host } = new URL(guarded.url);
    expect(await callerOf(user)).toMatchObject({
      registry: { source: 'none' },
      caller: { kind: 'anonymous' },
    });
    await writeFile(join(user.home, 'docker/config.json'), credentialsFile(host, `any:${token}`));
    expect(await callerOf(user)).toMatchObject({ registry: { source: 'docker' }, caller: { name: 'ben' } });
    await writeFile(join(user.home, 'helm.json'), credentialsFile(host, `ana:${password}`));
    expect(await callerOf(user)).toMatchObject({ registry: { source: 'helm' }, caller: { name: 'ana' } });
  });

  it('credentials in a helper of Docker are used', async () => {
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: guarded.url });
    const helper = join(user.home, 'docker-credential-test');
    const answer = JSON.stringify({ Username: 'any', Secret: token });
    await writeFile(helper, `#!/bin/sh\ncat > "$HOME/asked"\necho '${answer}'\n`, { mode: 0o755 });
    await writeFile(join(user.home, 'docker/config.json'), JSON.stringify({ credsStore: 'test' }));
    user.environment.PATH = `${user.home}:${process.env.PATH}`;
    expect(await callerOf(user)).toMatchObject({ registry: { source: 'docker' }, caller: { name: 'ben' } });
    expect(await readFile(join(user.home, 'asked'), 'utf8')).toBe(new URL(guarded.url).host);
  });

  it('a space that the caller may not read, a right that is missing and a wrong address have their exit codes', async () => {
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: guarded.url, HELM_REGISTRY_TOKEN: token });
    expect((await user.run(['list', 'hidden'])).code).toBe(3);
    expect((await user.run(['list', 'team/absent'])).code).toBe(3);
    const file = join(user.home, 'web-2.0.0.tgz');
    await writeFile(file, await packChart({ name: 'web', version: '2.0.0' }));
    expect((await user.run(['push', 'team', file])).code).toBe(4);
    const anonymous = await commandLine.createUser({ HELM_REGISTRY_URL: guarded.url });
    expect(await anonymous.run(['list', 'team'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('`helm-registry login`'),
    });
    const nowhere = await commandLine.createUser({ HELM_REGISTRY_URL: 'http://127.0.0.1:1' });
    expect(await nowhere.run(['list'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Check the address'),
    });
  });

  it('a certificate of an unknown authority is explained, and accepted once the authority is named', async () => {
    const { settings } = await makeCertificateFolder();
    const secure = await startRegistry(settings);
    onTestFinished(() => secure.close());
    const url = `https://localhost:${new URL(secure.url).port}`;
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: url });
    const { code, stderr } = await user.run(['list']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'helm-registry: the certificate of the registry is signed by an authority that this machine does not know (DEPTH_ZERO_SELF_SIGNED_CERT). If it is yours, name a file with the certificate of the authority in NODE_EXTRA_CA_CERTS.\n',
    );
    user.environment.NODE_EXTRA_CA_CERTS = settings.tlsCert;
    expect((await user.run(['list'])).code).toBe(0);
  });
});

async function statusOf(text: string): Promise<number> {
  const response = await fetch(`${guarded.url}/api/v1/tokens`, {
    headers: { Authorization: `Bearer ${text}` },
  });
  return response.status;
}
