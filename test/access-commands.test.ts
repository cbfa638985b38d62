import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { createBrowser } from './support/browser.ts';
import { packChart } from './support/charts.ts';
import { findCommands, findWalk, readDocument } from './support/documents.ts';
import { builtProgram, inheritedEnvironment } from './support/environment.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { describeHelms } from './support/helm/describe-helms.ts';
import { hasCosign, hasOras } from './support/oci-programs.ts';
import { startOidcProvider } from './support/oidc-provider.ts';
import { addAccount, addTrustRule } from './support/principals.ts';
import { whenServing } from './support/process.ts';
import { isAvailable } from './support/servers/program.ts';

const page = 'docs/access.md';
const hostOfPage = 'charts.example.com';

/** Named blocks of commands, each run by a test below. All others are walks, which the tests of all pages run. */
const blocks = { tested: ['ci-job', 'provider', 'clients'] };

const ruleShape = z.object({
  issuer: z.string(),
  audience: z.string(),
  claims: z.record(z.string(), z.string()),
});

/** Runs commands of the page against a registry, which has plain HTTP on loopback in place of the host of the page. */
async function runCommands(
  name: string,
  registry: GuardedRegistry,
  { command }: { command: string },
  env: Record<string, string>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'access-commands-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { stdout: found } = await promisify(execFile)('sh', ['-c', `command -v ${command}`]);
  await symlink(found.trim(), join(folder, 'helm'));
  const { host } = new URL(registry.url);
  const script = findCommands(await readDocument(page), name)
    .replaceAll(`https://${hostOfPage}`, registry.url)
    .replaceAll(`&audience=${hostOfPage}`, '&audience=AUDIENCE')
    .replaceAll(hostOfPage, host)
    .replaceAll('AUDIENCE', hostOfPage)
    .replaceAll(/^(helm (?:push|pull oci:).*)$/gm, '$1 --plain-http')
    .replaceAll(/(helm registry login .*|oras login .*|oras repo tags .*)$/gm, '$1 --plain-http');
  await writeFile(join(folder, 'web-1.2.0.tgz'), await packChart({ name: 'web', version: '1.2.0' }));
  const { stdout, stderr } = await promisify(execFile)('sh', ['-ec', script], {
    cwd: folder,
    env: {
      ...inheritedEnvironment(),
      PATH: `${folder}:${process.env.PATH}`,
      ...{ HOME: folder, DOCKER_CONFIG: folder },
      // Nothing listens there: docker then asks the registry itself.
      DOCKER_HOST: 'tcp://127.0.0.1:9',
      ...env,
    },
  });
  return `${stdout}${stderr}`;
}

it('commands of docs/access.md are all run by a test', async () => {
  const text = await readDocument(page);
  const walked = text.split('<!-- walk').length - 1;
  expect(findWalk(text)).not.toBe('');
  const named = [...text.matchAll(/<!-- commands ([\w-]+) -->/g)].map(([, name]) => name);
  expect(named).toEqual(blocks.tested);
  expect(text.split('```sh').length - 1).toBe(walked + named.length);
});

it('commands of docs/access.md start a registry at which people log in by their provider, admins by its group', async () => {
  const provider = await startOidcProvider();
  onTestFinished(() => provider.close());
  const folder = await mkdtemp(join(tmpdir(), 'access-provider-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const host = `127.0.0.1:${await findFreePort()}`;
  const secretFile = join(folder, 'client-secret');
  await writeFile(secretFile, `${provider.clientSecret}\n`);
  const script = findCommands(await readDocument(page), 'provider')
    .replaceAll(`https://${hostOfPage}`, `http://${host}`)
    .replaceAll('https://login.example.com', provider.issuer)
    .replaceAll('/etc/helm-registry/client-secret', secretFile)
    .replaceAll(/^helm-registry /gm, `exec ${process.execPath} ${builtProgram()} `);
  const environment = { LISTEN: host, DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'info' };
  const child = spawn('sh', ['-ec', script], {
    ...{ env: { ...inheritedEnvironment(), ...environment }, detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const served = await whenServing(child, 'serve');
  onTestFinished(async () => void (await served.end('SIGTERM')));
  provider.serve([`${served.url}/login/callback`]);
  const callerOf = async (subject: string, groups: string[]) => {
    provider.people.set(subject, { preferred_username: subject, groups });
    provider.logsIn(subject);
    const browser = createBrowser();
    expect((await browser.open(`${served.url}/login/oidc?return=/docs`)).status).toBe(200);
    return JSON.parse((await browser.open(`${served.url}/api/v1/whoami`)).text);
  };
  expect(await callerOf('sam', ['platform'])).toMatchObject({ name: 'sam', registryRoles: ['admin'] });
  expect(await callerOf('tom', ['others'])).toMatchObject({ name: 'tom', registryRoles: [] });
});

describeHelms('commands of docs/access.md', (helm) => {
  it('commands of docs/access.md push from a CI job by the token of its provider', async () => {
    const provider = await startOidcProvider();
    onTestFinished(() => provider.close());
    provider.serve(['http://127.0.0.1/unused']);
    const registry = await startGuarded({}, { worker: false });
    onTestFinished(() => registry.close());
    const [, written = ''] = /rule\.json <<'END'\n([\s\S]*?)\nEND/.exec(await readDocument(page)) ?? [];
    const rule = ruleShape.parse(JSON.parse(written));
    await registry.addSpace('team-a', 'private');
    const account = await addAccount(registry.db, 'team-a', 'ci');
    await registry.setRole(account, 'team-a', 'publisher');
    await addTrustRule(registry.db, account, { ...rule, issuer: provider.issuer });
    // Gives tokens as the service of GitHub's runners does.
    const service = createServer(async (request, response) => {
      const audience = new URL(request.url ?? '', 'http://127.0.0.1').searchParams.get('audience');
      if (request.headers.authorization !== 'bearer of-the-job' || audience === null)
        return response.writeHead(401).end();
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + 300 };
      const claims = {
        iss: provider.issuer,
        sub: 'repo:acme/charts',
        aud: audience,
        ...times,
        ...rule.claims,
      };
      return response.end(JSON.stringify({ count: 1, value: await provider.sign(claims) }));
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void service.close());
    const address = service.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await runCommands('ci-job', registry, helm, {
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
    });
    expect((await registry.admin.api('/spaces/team-a/charts/web/versions/1.2.0')).status).toBe(200);
  });

  const hasClients = hasOras() && hasCosign() && isAvailable('docker', ['--version']);
  it.skipIf(!hasClients)(
    'commands of docs/access.md log in with every client (needs oras, docker and cosign)',
    async () => {
      const registry = await startGuarded({}, { worker: false });
      onTestFinished(() => registry.close());
      await registry.addSpace('team-a', 'private');
      const account = await addAccount(registry.db, 'team-a', 'ci');
      await registry.setRole(account, 'team-a', 'publisher');
      const { text } = await registry.addToken(account);
      const printed = await runCommands('clients', registry, helm, { TOKEN: text });
      expect(printed).toMatch(/^1\.2\.0$/m);
      expect(printed).toContain('"team-a" has been added');
    },
  );
});
