import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { addRepository, runHelm } from '../support/helm/program.ts';
import { hasGpg, makeKeyring } from '../support/keyring.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}}
data: {text: {{ .Values.text | quote }}}
`;
const chart = (name: string, version: string, more: Partial<TestChart> = {}): TestChart => ({
  name,
  version,
  values: { text: `${name} ${version}` },
  ...more,
  files: { 'templates/map.yaml': configMap, ...more.files },
});
/** Charts with names and versions that are easily confused, and with all kinds of metadata. */
const charts: TestChart[] = [
  chart('plain', '1.0.0'),
  chart('plain', '1.10.0'),
  chart('plain', '1.9.0'),
  chart('plain', '2.0.0-rc.1'),
  chart('plus', '1.0.0+build.5'),
  chart('foo', '1.0.0'),
  chart('foo-1x', '1.0.0'),
  chart('with-2-dashes', '1.0.0-alpha-1'),
  chart('under_score.dot', '0.1.0'),
  // Two versions of one file name.
  chart('mongo', '89.1.0-1.0.0'),
  chart('mongo-89.1.0', '1.0.0'),
  chart('old-style', '1.0.0', {
    manifest: { apiVersion: 'v1', engine: 'gotpl', tillerVersion: '>=2.0.0' },
    files: {
      'requirements.yaml':
        'dependencies: [{name: inner, version: ">=1.0.0", repository: "", condition: inner.on}]',
    },
    subcharts: [chart('inner', '1.2.3')],
  }),
  chart('odd', '1.0.0', {
    manifest: {
      unknown: { deep: [1, 2] },
      digest: 'no digest',
      urls: ['https://elsewhere.example.test/odd.tgz'],
      appVersion: '1.20',
      description: 'yes: "no" \u{1f600} # é',
      keywords: ['on', '1_000'],
      deprecated: true,
      annotations: { 'a/b': 'true', lines: 'one\ntwo' },
      maintainers: [{ name: 'Jo', pager: '1' }],
    },
  }),
];

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

describeHelms('a space as a chart repository', (helm) => {
  const space = `lib-${helm.major}`;
  let home: string;
  const run = (...args: string[]) => runHelm(helm, args, home);
  const pass = async (...args: string[]) => {
    const { passed, stdout, stderr } = await run(...args);
    expect(passed, `helm ${args.join(' ')}: ${stderr}`).toBe(true);
    return stdout;
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'helm-home-'));
    for (const packed of charts) expect((await registry.upload(space, packed)).status).toBe(201);
    await pass(...addRepository('lib', registry, space));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  it.each(['json', 'yaml'] as const)(
    'the index of a space is loaded whole by Helm, written as %s',
    async (format) => {
      const served = await registry.request(`/${space}/index.yaml`, {
        headers: { Accept: `application/${format}` },
      });
      const name = `as-${format}`;
      const cached = join(home, 'cache', 'repository', `${name}-index.yaml`);
      await pass(...addRepository(name, registry, space));
      await writeFile(cached, await served.text());
      const found: { name: string; version: string }[] = JSON.parse(
        await pass('search', 'repo', `${name}/`, '--versions', '--devel', '-o', 'json'),
      );
      const expected = charts.map((listed) => `${name}/${listed.name} ${listed.version}`);
      expect(found.map((hit) => `${hit.name} ${hit.version}`).sort()).toEqual(expected.sort());
    },
  );

  it('helm search lists versions of a space newest first, with app version and description', async () => {
    await pass('repo', 'update');
    const search = async (...args: string[]) =>
      JSON.parse(await pass('search', 'repo', ...args, '-o', 'json'));
    const versions = await search('lib/plain', '--versions', '--devel');
    expect(versions.map(({ version }: { version: string }) => version)).toEqual([
      '2.0.0-rc.1',
      '1.10.0',
      '1.9.0',
      '1.0.0',
    ]);
    expect(await search('lib/odd')).toEqual([
      { name: 'lib/odd', version: '1.0.0', app_version: '1.20', description: 'yes: "no" \u{1f600} # é' },
    ]);
  });

  it.each(charts.map((packed) => [packed.name, packed.version ?? '', packed] as const))(
    'the chart %s %s is pulled, shown and rendered by Helm',
    async (name, version, packed) => {
      const folder = await mkdtemp(join(home, 'pull-'));
      await pass('pull', `lib/${name}`, '--version', version, '-d', folder);
      expect(await readFile(join(folder, `${name}-${version}.tgz`))).toEqual(await packChart(packed));
      expect(await pass('show', 'values', `lib/${name}`, '--version', version)).toContain(
        `${name} ${version}`,
      );
      const rendered = await pass(
        'template',
        'r',
        `lib/${name}`,
        '--version',
        version,
        '--kube-version',
        '1.33.0',
      );
      expect(rendered).toContain(`text: "${name} ${version}"`);
    },
  );

  it('a version that was just published is found after an update, a deleted one is not', async () => {
    const name = `new-${helm.major}`;
    await registry.upload(space, chart(name, '1.0.0'));
    await pass('repo', 'update');
    await pass('pull', `lib/${name}`, '-d', home);
    await registry.api(`/spaces/${space}/charts/${name}`, { method: 'DELETE' });
    await pass('repo', 'update');
    expect((await run('pull', `lib/${name}`, '-d', home)).passed).toBe(false);
  });

  it('helm dependency build takes charts from a space, and composed charts can be pulled', async () => {
    const folder = join(home, 'parent');
    await mkdir(join(folder, 'templates'), { recursive: true });
    const dependencies = [
      ['plain', '^1.0.0'],
      ['foo-1x', '1.0.0'],
      ['plus', '1.0.0+build.5'],
    ].map(
      ([name, range]) => `- {name: ${name}, version: "${range}", repository: "${registry.url}/${space}"}`,
    );
    await writeFile(
      join(folder, 'Chart.yaml'),
      `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n${dependencies.join('\n')}\n`,
    );
    await pass('dependency', 'update', folder);
    await rm(join(folder, 'charts'), { recursive: true });
    await pass('dependency', 'build', folder);
    const rendered = await pass('template', 'r', folder, '--kube-version', '1.33.0');
    for (const text of ['plain 1.10.0', 'foo-1x 1.0.0', 'plus 1.0.0+build.5'])
      expect(rendered).toContain(`text: "${text}"`);
    const composed = await registry.orchestrate(space, {
      save: { chart: `shop-${helm.major}`, version: '1.0.0' },
      configs: {
        package: { independent: true, space, chart: 'plain', version: '^1' },
        db: { package: { independent: true, space, chart: 'foo', version: '1.0.0' } },
      },
    });
    expect(composed.status).toBe(201);
    await pass('repo', 'update');
    expect(await pass('template', 'r', `lib/shop-${helm.major}`, '--kube-version', '1.33.0')).toContain(
      'foo 1.0.0',
    );
  });

  describe.skipIf(!hasGpg())('signed (left out without gpg on the PATH)', () => {
    it.each([
      ['signed', '1.0.0'],
      // Another chart could have the same file name.
      ['twofold', '89.1.0-1.0.0'],
    ])(
      'the signed chart %s %s passes pull --verify until its archive is replaced',
      async (first, version) => {
        const keys = await mkdtemp(join(home, 'keys-'));
        const keyring = await makeKeyring(keys);
        const name = `${first}-${helm.major}`;
        const folder = join(home, name);
        await mkdir(folder);
        await writeFile(
          join(folder, 'Chart.yaml'),
          `apiVersion: v2\nname: ${name}\nversion: ${version}\nmaintainers:\n- name: Jo\n`,
        );
        const signing = ['--sign', '--key', keyring.user, '--keyring', keyring.secret];
        await pass('package', folder, '-d', home, ...signing);
        const file = join(home, `${name}-${version}.tgz`);
        const [archive, provenance] = [await readFile(file), await readFile(`${file}.prov`)];
        const form = chartForm(archive);
        form.set('provfile', new Blob([provenance]), `${name}-${version}.tgz.prov`);
        const uploaded = await registry.api(`/spaces/${space}/charts`, { method: 'POST', body: form });
        expect(uploaded.status, await uploaded.text()).toBe(201);
        await pass('repo', 'update');
        const pull = (...args: string[]) =>
          run(
            'pull',
            `lib/${name}`,
            '--version',
            version,
            '--verify',
            '--keyring',
            keyring.public,
            '-d',
            home,
            ...args,
          );
        const verified = await pull();
        expect(verified.passed, verified.stderr).toBe(true);
        expect(await readFile(`${file}.prov`)).toEqual(provenance);
        const values = `/spaces/${space}/charts/${name}/versions/${version}/manifests/values`;
        expect((await registry.api(values, { method: 'PUT', body: '{"a":1}' })).status).toBe(200);
        await pass('repo', 'update');
        expect((await pull()).passed).toBe(false);
      },
    );
  });
});

it.skipIf(!hasGpg())(
  'a provenance file signed by gpg is accepted (left out without gpg on the PATH)',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'gpg-home-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    const { user, environment } = await makeKeyring(home);
    const archive = await packChart(chart('by-hand', '1.0.0'));
    await registry.upload('lib', archive);
    const file = join(home, 'message');
    await writeFile(
      file,
      `name: by-hand\nversion: 1.0.0\n\n...\nfiles:\n  by-hand-1.0.0.tgz: ${digestOf(archive)}\n`,
    );
    await promisify(execFile)('gpg', ['--batch', '--local-user', user, '--clearsign', file], {
      env: environment,
    });
    const attached = await registry.api('/spaces/lib/charts/by-hand/versions/1.0.0/provenance', {
      method: 'PUT',
      body: await readFile(`${file}.asc`),
    });
    expect(attached.status, await attached.text()).toBe(204);
  },
);
