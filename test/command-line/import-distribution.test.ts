import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { type Helm, hasHelm, helms, runHelm } from '../support/helm/program.ts';
import { hasGpg, makeKeyring } from '../support/keyring.ts';
import { chartTypes, digest, imageType, manifestOf } from '../support/oci.ts';
import { hasCosign, hasOras, run } from '../support/oci-programs.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import {
  hasDistribution,
  startDistribution,
  type TestDistribution,
} from '../support/servers/distribution.ts';

const isMissing =
  !hasDistribution() || !hasCosign() || !hasOras() || !hasGpg() || !helms.every((helm) => hasHelm(helm));

/** Version that helm has pushed to the source. */
interface PushedVersion {
  /** Repository of the source. */
  repository: string;
  chart: string;
  version: string;
  file: string;
  publishedAt: string;
}

let source: TestDistribution;
let target: TestRegistry;
let commandLine: CommandLine;
let folder: string;
const pushed: PushedVersion[] = [];

const file = (name: string) => join(folder, name);
const hostOf = ({ url }: { url: string }) => new URL(url).host;
const tagOf = (version: string) => version.replaceAll('+', '_');
/** Runs a program that must succeed. */
async function must(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { cwd: folder, env: { COSIGN_PASSWORD: '' } });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Packages a chart and pushes it, by the two majors of Helm in turn. */
async function push(repository: string, version: string, signature: readonly string[] = []): Promise<void> {
  const [, path = '', chart = ''] = /^(.*)\/([^/]+)$/.exec(repository) ?? [];
  const helm = helms[pushed.length % helms.length];
  const unpacked = file(`sources/${chart}`);
  await mkdir(unpacked, { recursive: true });
  const manifest = { apiVersion: 'v2', name: chart, version, description: repository };
  await writeFile(join(unpacked, 'Chart.yaml'), JSON.stringify(manifest));
  const into = await mkdtemp(file('packages-'));
  await runBy(helm, 'package', unpacked, '--destination', into, ...signature);
  const archive = join(into, `${chart}-${version}.tgz`);
  // Helm publishes a chart under the time of its file, in whole seconds.
  const publishedAt = new Date(Date.UTC(2020, 0, 1 + pushed.length, 1, 2, 3));
  await utimes(archive, publishedAt, publishedAt);
  await runBy(helm, 'push', archive, `oci://${hostOf(source)}/${path}`, '--plain-http');
  pushed.push({ repository, chart, version, file: archive, publishedAt: publishedAt.toISOString() });
}

async function runBy(helm: Helm | undefined, ...args: string[]): Promise<void> {
  if (!helm) throw new Error('there is no Helm');
  const { passed, stderr } = await runHelm(helm, args, file('home'));
  if (!passed) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
}

/** Requests a path of a repository as Helm does. */
const ask = (registry: { url: string }, path: string) =>
  fetch(`${registry.url}/v2/${path}`, {
    headers: { accept: `${imageType}, application/vnd.oci.image.index.v1+json` },
  });

/** Checks that a version is in a space with manifest, archive, provenance file and date of its source. */
async function expectCopied(space: string, { repository, chart, version, file, publishedAt }: PushedVersion) {
  const [there, here] = await Promise.all([
    ask(source, `${repository}/manifests/${tagOf(version)}`).then((response) => response.text()),
    ask(target, `${space}/${chart}/manifests/${tagOf(version)}`).then((response) => response.text()),
  ]);
  expect(here).toBe(there);
  const stored = await target.api(`/spaces/${space}/charts/${chart}/versions/${version}`);
  expect(Buffer.from(await stored.arrayBuffer())).toEqual(await readFile(file));
  const details = await target.api(`/spaces/${space}/charts/${chart}/versions/${version}/details`);
  expect(await details.json()).toMatchObject({ createdAt: publishedAt });
}

const reportShape = z.array(
  z.looseObject({ result: z.string(), from: z.string(), reason: z.string().optional() }),
);

describe.skipIf(isMissing)(
  'import from distribution (left out without distribution, cosign, oras, gpg and both Helms on the PATH)',
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'import-distribution-'));
      await mkdir(file('home'));
      commandLine = await buildCommandLine();
      // Small pages, so that the catalogue has several.
      source = await startDistribution({ maxListed: 4 });
      target = await startRegistry({}, { worker: false });
      const keyring = await makeKeyring(folder);
      const signature = ['--sign', '--key', keyring.user, '--keyring', keyring.secret];
      await push('charts/web', '1.0.0', signature);
      await push('charts/web', '1.1.0+build.1', signature);
      await push('charts/web', '2.0.0-rc.1');
      await push('charts/db', '1.0.0');
      await push('charts/team/api', '0.1.0');
      for (let number = 0; number < 6; number += 1) await push(`charts/many-${number}`, '1.0.0');
      await sign('charts/db');
      await writeFile(file('note'), 'no chart');
      await must('oras', 'push', '--plain-http', `${hostOf(source)}/charts/image:latest`, 'note');
    }, 240_000);
    afterAll(async () => {
      await Promise.all([source?.dispose(), target?.close()]);
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    const plain = '--allow-http-registry';

    /** Signs version 1.0.0 of a chart by cosign, as a referrer, and under a tag as its releases before 3 did. */
    async function sign(repository: string): Promise<void> {
      // Neither a transparency log nor an authority of times is asked, so that nothing leaves this machine.
      await must('cosign', 'signing-config', 'create', '--out', 'signing.json');
      await must('cosign', 'trusted-root', 'create', '--out', 'root.json');
      await must('cosign', 'generate-key-pair', '--output-key-prefix', 'test');
      const manifest = await (await ask(source, `${repository}/manifests/1.0.0`)).text();
      const image = `${hostOf(source)}/${repository}@${digest(manifest)}`;
      const config = ['--signing-config', 'signing.json', '--trusted-root', 'root.json'];
      await must('cosign', 'sign', '-y', plain, '--key', 'test.key', ...config, image);
      await writeFile(file('payload'), 'payload');
      await writeFile(file('signature'), Buffer.from('signature').toString('base64'));
      const attached = ['--payload', 'payload', '--signature', 'signature'];
      await must('cosign', 'attach', 'signature', plain, ...attached, image);
    }

    it('copies what the catalogue has below a path, also when it is killed in the middle', async () => {
      const user = await commandLine.createUser({ HELM_REGISTRY_URL: target.url });
      const proxy = await startFaultyProxy(source.url);
      // Three pages of the catalogue and 10 lists of tags, then at least a version, then no answer any more.
      const answered = 30;
      proxy.plan(
        ...Array.from({ length: answered }, () => undefined),
        ...Array.from({ length: 20 }, () => ({ kind: 'silence' }) as const),
      );
      const cut = user.start(['import', `oci://${hostOf(proxy)}/charts`, 'all', '--parallel', '2']);
      const ended = once(cut, 'exit');
      await expect.poll(() => proxy.requests.length, { timeout: 100_000 }).toBeGreaterThan(answered);
      cut.kill('SIGKILL');
      await ended;

      const args = ['import', `oci://${hostOf(source)}/charts`, 'all', '--report', 'report.json'];
      expect(await user.run(args)).toMatchObject({ code: 0 });
      for (const version of pushed) await expectCopied('all', version);
      const report = reportShape.parse(JSON.parse(await readFile(join(user.home, 'report.json'), 'utf8')));
      const count = (...results: string[]) => report.filter(({ result }) => results.includes(result)).length;
      // The killed import may have copied a version without its signature.
      expect(count('present', 'signed')).toBeGreaterThan(0);
      expect(count('pushed')).toBeGreaterThan(0);
      expect(count('present', 'signed', 'pushed')).toBe(11);
      expect(report.filter(({ result }) => result === 'left out')).toMatchObject([
        { from: `${hostOf(source)}/charts/image:latest`, reason: 'its tag latest is not a version' },
      ]);
      expect(await user.run(args)).toMatchObject({
        code: 0,
        stderr: '12 versions: 1 left out, 11 present\n',
      });
    }, 240_000);

    it('copies named charts with provenance files and signatures, and verifies them at their new place', async () => {
      const user = await commandLine.createUser({ HELM_REGISTRY_URL: target.url });
      const args = ['import', `oci://${hostOf(source)}/charts`, 'named', '--chart', 'web', 'db'];
      expect(await user.run(args)).toMatchObject({ code: 0, stderr: '4 versions: 4 pushed\n' });
      for (const version of pushed.filter(({ chart }) => chart === 'web' || chart === 'db'))
        await expectCopied('named', version);
      for (const version of ['1.0.0', '1.1.0+build.1']) {
        const provenance = await target.api(`/spaces/named/charts/web/versions/${version}/provenance`);
        const { file: archive = '' } = pushed.find((one) => one.version === version) ?? {};
        expect(await provenance.text()).toBe(await readFile(`${archive}.prov`, 'utf8'));
      }
      const { layers } = await manifestOf(await ask(target, 'named/web/manifests/1.0.0'));
      expect(layers.map(({ mediaType }) => mediaType)).toContain(chartTypes.provenance);
      // distribution has no referrers, so cosign has listed the signature in an index under a tag.
      const image = `${hostOf(target)}/named/db:1.0.0`;
      const trust = ['--key', 'test.pub', '--insecure-ignore-tlog', '--trusted-root', 'root.json'];
      expect(await must('cosign', 'verify', plain, ...trust, image)).toContain('cosign/sign');
      const manifest = await (await ask(target, 'named/db/manifests/1.0.0')).text();
      const tag = `${digest(manifest).replace(':', '-')}.sig`;
      const simple = await ask(target, `named/db/manifests/${tag}`);
      expect(simple.status).toBe(200);
      expect(await simple.text()).toBe(await (await ask(source, `charts/db/manifests/${tag}`)).text());
    });

    it('leaves out a deeper chart whose name another has, until its path alone is imported', async () => {
      await push('charts/team/db', '7.0.0');
      const user = await commandLine.createUser({ HELM_REGISTRY_URL: target.url });
      const all = await user.run(['import', `oci://${hostOf(source)}/charts`, 'twins', '--chart', '*b']);
      expect(all.code).toBe(0);
      expect(all.stdout).toMatch(/left out +twins +db +7\.0\.0 +\S*charts\/db has a chart of that name/);
      const team = await user.run(['import', `oci://${hostOf(source)}/charts/team`, 'team']);
      expect(team).toMatchObject({ code: 0, stderr: '2 versions: 2 pushed\n' });
      for (const version of pushed.filter(({ repository }) => repository.startsWith('charts/team/')))
        await expectCopied('team', version);
    });
  },
);
