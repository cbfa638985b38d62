import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packChart, type TestChart } from '../support/charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';
import { hasGpg, makeKeyring } from '../support/keyring.ts';
import { writeLogin } from '../support/oci-programs.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startRegistry();
  folder = await mkdtemp(join(tmpdir(), 'oci-helm-'));
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

describeHelms('helm over OCI', (helm) => {
  const space = `helm${helm.major}`;
  const at = (path = '') => `oci://${new URL(registry.url).host}/${space}${path}`;
  const plain = '--plain-http';
  const home = () => join(folder, space);
  const run = async (...args: string[]) => {
    const answer = await runHelm(helm, args, home());
    if (!answer.passed) throw new Error(`helm ${args.join(' ')}: ${answer.stderr}`);
    return `${answer.stdout}${answer.stderr}`;
  };
  const file = (name: string) => join(home(), name);
  const save = async (chart: TestChart) => {
    await mkdir(home(), { recursive: true });
    await writeLogin(home(), registry);
    const path = file(`${chart.name}-${chart.version ?? '1.0.0'}.tgz`);
    await writeFile(path, await packChart(chart));
    return path;
  };
  const pull = async (chart: string, ...args: string[]) => {
    const into = await mkdtemp(join(folder, 'pulled-'));
    await run('pull', at(`/${chart}`), '--destination', into, plain, ...args);
    return (name: string) => readFile(join(into, name));
  };
  const configMap =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\ndata: {a: "{{ .Values.a }}"}\n';
  const web = (version: string, a = version): TestChart => ({
    name: 'web',
    version,
    values: { a },
    files: { 'templates/map.yaml': configMap },
  });

  it('helm pulls a pushed chart byte for byte, and the other interfaces have it too', async () => {
    const path = await save(web('1.0.0+build.1'));
    expect(await run('push', path, at(), plain)).toMatch(/Digest: sha256:[0-9a-f]{64}/);
    const pulled = await pull('web', '--version', '1.0.0+build.1');
    expect(await pulled('web-1.0.0+build.1.tgz')).toEqual(await readFile(path));
    const stored = await registry.api(`/spaces/${space}/charts/web/versions/1.0.0+build.1`);
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(await readFile(path));
  });

  it('helm push overwrites an existing version', async () => {
    const path = await save(web('1.1.0', 'first'));
    await run('push', path, at(), plain);
    await save(web('1.1.0', 'second'));
    await run('push', path, at(), plain);
    expect(await (await pull('web', '--version', '1.1.0'))('web-1.1.0.tgz')).toEqual(await readFile(path));
  });

  it('helm pulls, shows and renders uploaded and composed charts, and finds the latest version', async () => {
    await registry.upload(space, web('2.0.0'));
    const made = await registry.orchestrate(space, {
      save: { chart: 'web', version: '2.1.0' },
      configs: {
        package: { independent: true, space, chart: 'web', version: '2.0.0' },
        _config: { a: 'composed' },
      },
    });
    expect(made.status).toBe(201);
    expect(await run('show', 'chart', at('/web'), plain)).toContain('version: 2.1.0');
    expect(await run('show', 'values', at('/web'), '--version', '2.0.0', plain)).toContain('a: 2.0.0');
    expect(await run('show', 'chart', at('/web'), '--version', '<2', plain)).toContain('version: 1.1.0');
    expect(await run('template', 'r', at('/web'), '--kube-version', '1.33.0', plain)).toContain(
      'a: "composed"',
    );
    await pull('web', '--version', '2.1.0');
  });

  it('helm dependency build and update take charts from the registry', async () => {
    await registry.upload(space, web('3.0.0'));
    const parent = file('parent');
    await mkdir(join(parent, 'templates'), { recursive: true });
    const chart = { apiVersion: 'v2', name: 'parent', version: '1.0.0' };
    const dependencies = [{ name: 'web', version: '^3', repository: at() }];
    await writeFile(join(parent, 'Chart.yaml'), JSON.stringify({ ...chart, dependencies }));
    await run('dependency', 'update', parent, plain);
    await rm(join(parent, 'charts'), { recursive: true });
    await run('dependency', 'build', parent, plain);
    const stored = await registry.api(`/spaces/${space}/charts/web/versions/3.0.0`);
    expect(await readFile(join(parent, 'charts', 'web-3.0.0.tgz'))).toEqual(
      Buffer.from(await stored.arrayBuffer()),
    );
  });

  it.skipIf(!hasGpg())('helm pull verifies signed charts, whether pushed or uploaded', async () => {
    const keyring = await makeKeyring(await mkdtemp(join(folder, 'k-')));
    const source = file('signed');
    await mkdir(source, { recursive: true });
    await writeFile(join(source, 'values.yaml'), 'a: 1\n');
    const archives: string[] = [];
    for (const version of ['1.0.0', '1.1.0']) {
      const chart = { apiVersion: 'v2', name: 'signed', version };
      await writeFile(join(source, 'Chart.yaml'), JSON.stringify(chart));
      const key = ['--sign', '--key', keyring.user, '--keyring', keyring.secret];
      await run('package', source, '--destination', home(), ...key);
      archives.push(file(`signed-${version}.tgz`));
    }
    const [pushed = '', uploaded = ''] = archives;
    await run('push', pushed, at(), plain);
    await registry.upload(space, await readFile(uploaded));
    const verify = ['--verify', '--keyring', keyring.public];
    await expect(pull('signed', '--version', '1.1.0', ...verify)).rejects.toThrow();
    await registry.api(`/spaces/${space}/charts/signed/versions/1.1.0/provenance`, {
      method: 'PUT',
      body: new Uint8Array(await readFile(`${uploaded}.prov`)),
    });
    for (const version of ['1.0.0', '1.1.0']) {
      const pulled = await pull('signed', '--version', version, ...verify);
      expect(await pulled(`signed-${version}.tgz.prov`)).toEqual(
        await readFile(file(`signed-${version}.tgz.prov`)),
      );
    }
  });

  it('helm push of a chart deeper than SPACE/NAME fails and shows where the chart belongs', async () => {
    const path = await save({ name: 'nested' });
    const { passed, stderr } = await runHelm(helm, ['push', path, at('/team'), plain], home());
    expect(passed).toBe(false);
    expect(stderr).toContain(`Push it to ${space}/nested, with Helm: helm push FILE oci://HOST/${space}.`);
    await run('push', path, at(), plain);
  });

  it('helm push over an immutable version reports the reason', async () => {
    const fixed = `fixed${helm.major}`;
    await registry.api(`/spaces?space=${fixed}`, { method: 'POST' });
    await registry.api(`/spaces/${fixed}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: '{"overwriting":"immutable"}',
    });
    const to = `oci://${new URL(registry.url).host}/${fixed}`;
    await run('push', await save(web('1.0.0', 'one')), to, plain);
    const path = await save(web('1.0.0', 'two'));
    await expect(run('push', path, to, plain)).rejects.toThrow(/immutable/);
  });
});
