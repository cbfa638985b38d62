import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFolder, programVersion } from '../../core/runtime/package-info.ts';
import type { TestChart } from '../support/charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { chartFolder, parseResources, podsOf } from './render.ts';

// The chart is stored in a registry and composed there with charts that stand in for those of PostgreSQL and Redis.

let registry: TestRegistry;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'helm-registry-composed-'));
  registry = await startRegistry();
});
afterAll(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

/** Chart of a server whose address is in a secret with the key `url`. */
function serverChart(name: string, scheme: string): TestChart {
  const secret = [
    'apiVersion: v1',
    'kind: Secret',
    `metadata: { name: "{{ .Release.Name }}-${name}" }`,
    `stringData: { url: "${scheme}://:secret@{{ .Release.Name }}-${name}" }`,
  ];
  return { name, values: { size: '1Gi' }, files: { 'templates/secret.yaml': secret.join('\n') } };
}

describeHelms('the chart in a registry', (helm) => {
  it('the chart can be stored, composed with PostgreSQL and Redis by deploy/platform.json, and rendered', async () => {
    const packed = await runHelm(helm, ['package', chartFolder, '--destination', home], home);
    expect(packed).toMatchObject({ passed: true });
    const archive = await readFile(join(home, `helm-registry-${programVersion}.tgz`));
    const space = `library-${helm.major}`;
    for (const chart of [archive, serverChart('postgresql', 'postgres'), serverChart('redis', 'redis')]) {
      expect((await registry.upload(space, chart)).status).toBe(201);
    }
    const recipe = await readFile(new URL('deploy/platform.json', packageFolder), 'utf8');
    const named: unknown = JSON.parse(recipe.replaceAll('"library"', JSON.stringify(space)));
    const composed = await registry.orchestrate(space, named);
    expect(await composed.json()).toMatchObject({ chart: 'platform', version: '1.0.0' });

    const download = await registry.api(`/spaces/${space}/charts/platform/versions/1.0.0`);
    const file = join(home, `platform-${helm.major}.tgz`);
    await writeFile(file, Buffer.from(await download.arrayBuffer()));
    const args = ['template', 'prod', file, '--kube-version', '1.33.0'];
    const { stdout, stderr } = await runHelm(helm, args, home);
    expect(stderr).toBe('');
    const resources = parseResources(stdout);
    const secrets = resources.flatMap(({ kind, metadata }) => (kind === 'Secret' ? [metadata.name] : []));
    expect(secrets.sort()).toEqual(['prod-postgresql', 'prod-redis']);
    const pods = podsOf(resources);
    expect(pods.map(({ of }) => of.metadata.name).sort()).toEqual([
      'prod-registry-api',
      'prod-registry-worker',
    ]);
    for (const { pod } of pods) {
      const used = pod.containers.flatMap(({ env }) =>
        env.map(({ valueFrom }) => valueFrom?.secretKeyRef.name),
      );
      expect(secrets).toEqual(expect.arrayContaining(used.filter((name) => name !== undefined)));
      expect(used).toEqual(expect.arrayContaining(secrets));
    }
    const wrong = await runHelm(helm, [...args, '--set', 'registry.service.prot=80'], home);
    expect(wrong.stderr).toMatch(/registry[\s\S]*'prot'/);
  });
});
