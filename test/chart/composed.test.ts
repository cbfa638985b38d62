import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../core/config/load.ts';
import { packageFolder, programVersion } from '../../core/runtime/package-info.ts';
import type { TestChart } from '../support/charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';
import { hasPublicCharts, publicArchives } from '../support/helm/public-charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { chartFolder, parseResources, podsOf, type Resource } from './render.ts';
import { listNeededSecrets, readSecrets } from './secrets.ts';

// The chart is stored in a registry and composed there with charts of PostgreSQL and Redis.

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

/** Chart that stands in for the one of a server: where it is asked to, it makes a secret with the address. */
function serverChart(name: string, secret: string, address: string): TestChart {
  const template = [
    '{{ if .Values.serviceBindings.enabled }}',
    'apiVersion: v1',
    'kind: Secret',
    `metadata: { name: "{{ .Release.Name }}-${secret}" }`,
    `stringData: { uri: "${address}" }`,
    '{{ end }}',
  ];
  const values = { serviceBindings: { enabled: false } };
  return { name, values, files: { 'templates/secret.yaml': template.join('\n') } };
}

/** Lists the secrets that pods need and that no resource makes. */
function listMissingSecrets(resources: readonly Resource[]): string[] {
  const made = readSecrets(resources);
  const needed = podsOf(resources).flatMap(({ pod }) => listNeededSecrets(pod));
  return [...new Set(needed)].filter((name) => !made.has(name));
}

describeHelms('the chart in a registry', (helm) => {
  /** Composes deploy/platform.json in a space with these charts of servers. @returns the file of its archive */
  async function composePlatform(space: string, servers: readonly (TestChart | Buffer)[]): Promise<string> {
    const packed = await runHelm(helm, ['package', chartFolder, '--destination', home], home);
    expect(packed).toMatchObject({ passed: true });
    const archive = await readFile(join(home, `helm-registry-${programVersion}.tgz`));
    for (const chart of [archive, ...servers]) {
      expect((await registry.upload(space, chart)).status).toBe(201);
    }
    const recipe = await readFile(new URL('deploy/platform.json', packageFolder), 'utf8');
    const named: unknown = JSON.parse(recipe.replaceAll('"library"', JSON.stringify(space)));
    const composed = await registry.orchestrate(space, named);
    expect(await composed.json()).toMatchObject({ chart: 'platform', version: '1.0.0' });

    const download = await registry.api(`/spaces/${space}/charts/platform/versions/1.0.0`);
    const file = join(home, `platform-${space}.tgz`);
    await writeFile(file, Buffer.from(await download.arrayBuffer()));
    return file;
  }

  const render = (file: string, ...args: string[]) =>
    runHelm(helm, ['template', 'prod', file, '--kube-version', '1.33.0', ...args], home);

  it('the chart can be stored, composed with PostgreSQL and Redis by deploy/platform.json, and rendered', async () => {
    const file = await composePlatform(`library-${helm.major}`, [
      serverChart(
        'postgresql',
        'postgresql-svcbind-custom-user',
        'postgresql://registry:secret@postgres/registry',
      ),
      serverChart('redis', 'redis-svcbind', 'redis://:secret@redis'),
    ]);
    const { stdout, stderr } = await render(file);
    expect(stderr).toBe('');
    const resources = parseResources(stdout);
    const pods = podsOf(resources);
    expect(pods.map(({ of }) => of.metadata.name).sort()).toEqual([
      'prod-registry-api',
      'prod-registry-worker',
    ]);
    expect(listMissingSecrets(resources)).toEqual([]);
    for (const { pod } of pods) {
      expect(listNeededSecrets(pod)).toEqual(
        expect.arrayContaining(['prod-postgresql-svcbind-custom-user/uri', 'prod-redis-svcbind/uri']),
      );
    }
    const unfit = await render(
      file,
      '--set',
      'registry.database.key=url,redis.serviceBindings.enabled=false',
    );
    expect(listMissingSecrets(parseResources(unfit.stdout)).sort()).toEqual([
      'prod-postgresql-svcbind-custom-user/url',
      'prod-redis-svcbind/uri',
    ]);
    const wrong = await render(file, '--set', 'registry.service.prot=80');
    expect(wrong.stderr).toMatch(/registry[\s\S]*'prot'/);
  });

  it.skipIf(!hasPublicCharts)(
    'deploy/platform.json fits public charts of PostgreSQL and Redis (left out where the folder ../shared/charts is absent)',
    async () => {
      const parts = publicArchives().filter(({ name }) => ['postgresql', 'redis', 'common'].includes(name));
      expect(parts.length).toBe(3);
      const servers = await Promise.all(parts.map(({ path }) => readFile(path)));
      const { stdout, stderr } = await render(await composePlatform(`public-${helm.major}`, servers));
      expect(stderr).toBe('');
      const resources = parseResources(stdout);
      const pods = podsOf(resources);
      expect(listMissingSecrets(resources)).toEqual([]);

      const secrets = readSecrets(resources);
      const services = resources.flatMap(({ kind, metadata }) => (kind === 'Service' ? [metadata.name] : []));
      const server = pods.find(({ of }) => of.metadata.name === 'prod-postgresql')?.pod.containers[0];
      const containers = pods
        .filter(({ of }) => of.metadata.name.startsWith('prod-registry-'))
        .flatMap(({ pod }) => [...pod.initContainers, ...pod.containers]);
      expect(containers.map(({ name }) => name).sort()).toEqual(['api', 'migrate', 'migrate', 'worker']);
      for (const { env } of containers) {
        const variables = env.map(
          ({ name, value, valueFrom: { secretKeyRef: key } = {} }): [string, string | undefined] => [
            name,
            value ?? secrets.get(`${key?.name}/${key?.key}`),
          ],
        );
        const config = await loadConfig(Object.fromEntries(variables));
        const database = new URL(config.databaseUrl);
        expect(services).toContain(database.hostname);
        expect(database.password).toBe(secrets.get('prod-postgresql/password'));
        expect(server?.env).toContainEqual({ name: 'POSTGRES_USER', value: database.username });
        expect(server?.env).toContainEqual({ name: 'POSTGRES_DATABASE', value: database.pathname.slice(1) });
        const redis = new URL(config.redisUrl);
        expect(services).toContain(redis.hostname);
        expect(redis.password).toBe(secrets.get('prod-redis/redis-password'));
      }
    },
  );
});
