import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { settings } from '../../core/config/settings.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { type Helm, hasHelm, helms, runHelm } from '../support/helm/program.ts';
import { checkCustom, isCustom } from './custom-resources.ts';
import { environmentOf } from './environment.ts';
import {
  chartFolder,
  lacksValidator,
  listValueFiles,
  parseResources,
  podsOf,
  type Resource,
  readChartFile,
  template,
  validateResources,
} from './render.ts';

const files = await listValueFiles();
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'helm-registry-chart-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Helm whose resources are validated: both make equal ones. */
const lastHelm: Helm = { major: 4, command: 'helm4' };

/** Resources by the Helm and the file of values. */
const rendered = new Map<string, Promise<Resource[]>>();

/** Renders the chart with a file of values, once for all tests. */
function renderOnce(helm: Helm, file: string): Promise<Resource[]> {
  const key = `${helm.command} ${file}`;
  const started = rendered.get(key) ?? renderFile(helm, file);
  rendered.set(key, started);
  return started;
}

async function renderFile(helm: Helm, file: string): Promise<Resource[]> {
  const answer = await template(helm, home, [file]);
  expect(answer).toMatchObject({ passed: true, stderr: '' });
  return parseResources(answer.stdout);
}

describeHelms('the chart', (helm) => {
  const render = (file: string) => renderOnce(helm, file);

  it('the chart passes the strict lint, without values and with every file of them', async () => {
    const lint = ['lint', '--strict', chartFolder];
    const values = files.map((file) => ['--values', join(chartFolder, 'ci', file)]);
    for (const args of [[], ...values]) {
      expect([args, await runHelm(helm, [...lint, ...args], home)]).toMatchObject([args, { passed: true }]);
    }
  });

  it('the chart renders every file of values, each resource once', async () => {
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const names = (await render(file)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => /^(Deployment|Service) /.test(name)).length).toBeGreaterThanOrEqual(3);
      for (const { metadata } of await render(file)) expect(metadata.name.length).toBeLessThanOrEqual(63);
    }
  });

  it('the chart gives each process an environment of known settings with which it starts', async () => {
    for (const file of files) {
      for (const { of, pod } of podsOf(await render(file))) {
        for (const container of [...pod.containers, ...pod.initContainers]) {
          if (container.image.startsWith('log:')) continue;
          const { environment, config } = await environmentOf(container, home);
          const known = [...Object.values(settings).map(({ env }) => env), 'NODE_EXTRA_CA_CERTS', 'TZ'];
          // METRICS_LISTEN is set where metrics are asked for.
          expect([...known, 'METRICS_LISTEN']).toEqual(expect.arrayContaining(Object.keys(environment)));
          const store = config.s3Endpoint === '' ? 'filesystem' : 's3';
          const hasClaim = pod.volumes.some((volume) => 'persistentVolumeClaim' in volume);
          if (of.kind === 'Deployment') expect(store === 'filesystem').toBe(hasClaim);
          expect(config).toMatchObject({
            databaseUrl: expect.stringMatching(/^postgres:/),
            dataDir: '/data',
            access: file.startsWith('open') ? 'open' : 'guarded',
          });
          if (container.name === 'api') expect(config.listen).toBe(':8099');
          if (container.name === 'worker') expect(config.workerListen).toBe(':8099');
        }
      }
    }
  });

  it('the chart confines every container, and gives it no token', async () => {
    for (const file of files) {
      for (const { pod } of podsOf(await render(file))) {
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        });
        const volumes = pod.volumes.map(({ name }) => name);
        expect(new Set(volumes).size).toBe(volumes.length);
        const own = [...pod.containers, ...pod.initContainers].filter(({ image }) => image !== 'log:1.0.0');
        for (const { securityContext, volumeMounts } of own) {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(volumes).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
        }
      }
    }
  });

  it.each<[string, string, string, string[]]>([
    ['trusted-ca-values.yaml', 'r-authority', 'authority.pem', ['api', 'migrate', 'migrate', 'worker']],
    ['hook-trusted-ca-values.yaml', 'authority', 'ca.crt', ['api', 'migrate', 'worker']],
  ])(
    'the chart gives every container the authority that is trusted: %s',
    async (file, secretName, key, names) => {
      const pods = podsOf(await render(file)).map(({ pod }) => pod);
      const containers = pods.flatMap((pod) => [...pod.initContainers, ...pod.containers]);
      expect(containers.map(({ name }) => name).sort()).toEqual(names);
      for (const { env, volumeMounts } of containers) {
        expect(env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/helm-registry/ca/ca.crt' });
        expect(volumeMounts).toContainEqual({
          name: 'trusted-ca',
          mountPath: '/etc/helm-registry/ca',
          readOnly: true,
        });
      }
      const secret = expect.objectContaining({ secretName, items: [{ key, path: 'ca.crt' }] });
      for (const { volumes } of pods) expect(volumes).toContainEqual({ name: 'trusted-ca', secret });
    },
  );

  it.each<[string, string[]]>([
    ['extra-values.yaml', ['r-helm-registry-api', 'r-helm-registry-worker']],
    ['hook-trusted-ca-values.yaml', ['r-helm-registry-migrate']],
  ])('the chart gives the migration further variables and volumes of its own: %s', async (file, names) => {
    const pods = podsOf(await render(file)).filter(({ pod }) =>
      pod.volumes.some(({ name }) => name === 'postgres-client'),
    );
    expect(pods.map(({ of }) => of.metadata.name).sort()).toEqual(names);
    for (const { pod } of pods) {
      const migrate = [...pod.initContainers, ...pod.containers].find(({ name }) => name === 'migrate');
      expect(migrate?.env).toContainEqual({ name: 'TZ', value: 'UTC' });
      expect(migrate?.volumeMounts).toContainEqual({
        name: 'postgres-client',
        mountPath: '/etc/postgres-client',
        readOnly: true,
      });
    }
  });

  it('the chart gives each process longer to end than it takes', async () => {
    for (const file of files) {
      for (const { of, pod } of podsOf(await render(file))) {
        if (of.kind !== 'Deployment') continue;
        for (const container of pod.containers.filter(({ name }) => name === 'api' || name === 'worker')) {
          const { config } = await environmentOf(container, home);
          expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(config.shutdownTimeout + 5);
        }
      }
    }
  });

  it('the chart has no hook that runs after the install, which could wait for itself', async () => {
    for (const file of files) {
      const hooks = (await render(file)).flatMap(
        ({ metadata }) => metadata.annotations?.['helm.sh/hook'] ?? [],
      );
      expect(hooks).toEqual(/^(hook|names)/.test(file) ? ['pre-install,pre-upgrade'] : []);
    }
  });

  it.each<[string, object, RegExp]>([
    ['an unknown name', { ingres: { enabled: true } }, /'ingres'/],
    ['an unknown name inside a group', { api: { replica: 1 } }, /\/api'.*'replica'/],
    ['an unknown setting', { settings: { LOG_LEVLE: 'warn' } }, /LOG_LEVLE/],
    [
      'a setting that has a value of its own',
      { settings: { ACCESS: 'open' } },
      /invalid propertyName 'ACCESS'/,
    ],
    ['a secret among the settings', { settings: { OIDC_CLIENT_SECRET: 'x' } }, /OIDC_CLIENT_SECRET/],
    ['a number that is a text', { api: { replicas: 'two' } }, /\/api\/replicas'.*integer/],
    ['a port that is none', { service: { port: 0 } }, /\/service\/port'/],
    ['a mode that is none', { migrate: { mode: 'job' } }, /\/migrate\/mode'.*'hook'/],
    ['a size that is none', { persistence: { size: 'large' } }, /\/persistence\/size'/],
    ['no database', { database: { existingSecret: '' } }, /database\.existingSecret is empty/],
    ['two places of archives', { persistence: { enabled: true } }, /archives have exactly one place/],
    [
      'no place of archives',
      { objectStore: { existingSecret: '', endpoint: '', bucket: '' } },
      /exactly one of objectStore/,
    ],
    [
      'a bucket without its secret',
      { objectStore: { existingSecret: '' } },
      /objectStore\.existingSecret is needed/,
    ],
    ['a bucket without a name', { objectStore: { bucket: '' } }, /objectStore\.bucket are needed/],
    ['guarded access without an address', { publicUrl: '' }, /publicUrl is empty/],
    ['half a log-in', { oidc: { issuer: 'https://login.example.com' } }, /needed together/],
    ['a route without a gateway', { httpRoute: { enabled: true } }, /parentRefs is empty/],
    ['alerts without metrics', { metrics: { prometheusRule: { enabled: true } } }, /need metrics\.enabled/],
    ['both bounds of a budget', { api: { pdb: { minAvailable: 1 } } }, /api\.pdb: set exactly one/],
    ['no bound of a budget', { worker: { pdb: { maxUnavailable: '' } } }, /worker\.pdb: set exactly one/],
    [
      'an autoscaler without a goal',
      { api: { autoscaling: { enabled: true, targetCPU: 0 } } },
      /at least one of targetCPU/,
    ],
  ])('the chart refuses %s with a message that names it', async (_, values, message) => {
    const file = join(home, `refused-${helm.major}.yaml`);
    await writeFile(file, stringify(values));
    const answer = await template(helm, home, ['s3-values.yaml'], '--values', file);
    expect(answer.passed).toBe(false);
    expect(answer.stderr).toMatch(message);
  });

  it('the chart tells in its notes how to add the first admin', async () => {
    const notes =
      '{ apiVersion: v1, kind: ConfigMap, metadata: { name: {{ include "registry.notes" . | toJson }} } }';
    const values = join(home, `notes-${helm.major}.yaml`);
    await writeFile(values, stringify({ extraObjects: [notes] }));
    const { stdout } = await template(helm, home, ['s3-values.yaml'], '--values', values);
    expect(stdout).toMatch(/user add NAME --admin/);
    expect(stdout).toContain('oci://charts.example.com/SPACE');
    const open = await template(helm, home, ['open-values.yaml'], '--values', values);
    expect(open.stdout).toMatch(/ACCESS IS OPEN/);
    expect(open.stdout).not.toMatch(/--admin/);
  });
});

describe.skipIf(!helms.every(hasHelm))('the chart with both majors of Helm (left out without both)', () => {
  it('the chart renders equally', async () => {
    for (const file of files) {
      const [first, second] = await Promise.all(helms.map((helm) => renderOnce(helm, file)));
      expect(second).toEqual(first);
    }
  });

  it.skipIf(lacksValidator)(
    'the chart renders resources that the newest and the oldest Kubernetes accept (left out without kubernetes-validate)',
    { timeout: 240_000 },
    async () => {
      const written: string[] = [];
      for (const file of files) {
        const resources = await renderOnce(lastHelm, file);
        for (const custom of resources.filter(isCustom)) checkCustom(custom);
        const others = resources.filter((resource) => !isCustom(resource));
        const path = join(home, file);
        await writeFile(path, others.map((resource) => JSON.stringify(resource)).join('\n---\n'));
        written.push(path);
      }
      // The oldest is the one that the chart promises; the package has the schemas of both.
      const oldest =
        /^kubeVersion: ">=(1\.\d+)\.0-0"$/m.exec(await readChartFile('Chart.yaml'))?.[1] ?? 'none';
      for (const kubernetes of ['1.37', oldest])
        expect([kubernetes, await validateResources(written, kubernetes)]).toEqual([kubernetes, []]);
      const broken = join(home, 'broken.yaml');
      await writeFile(
        broken,
        stringify({ apiVersion: 'v1', kind: 'Service', metadata: {}, spec: { prts: [] } }),
      );
      expect(await validateResources([broken], oldest)).not.toEqual([]);
    },
  );
});
