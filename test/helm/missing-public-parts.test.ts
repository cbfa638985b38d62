import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { expectEqual } from '../support/helm/expect-equal.ts';
import { runHelm } from '../support/helm/program.ts';
import {
  hasPublicCharts,
  publicArchives,
  readPublicArchives,
  unpackPublicCharts,
} from '../support/helm/public-charts.ts';
import { renderPair } from '../support/helm/render.ts';

/** Matches lines of the public charts that are generated anew in each rendering: passwords, keys, checksums. */
const generated =
  /^ +(checksum\/secrets?|[\w-]*passwords?|[\w-]*key|[\w-]+-id|[\w-]+-cookie|tls\.key|(tls|ca)\.crt): /;

/** Versions that public charts ask for and the folder lacks. Its charts of these names stand in for them. */
const standInVersions = new Map([
  ['postgresql', '16.99.0'],
  ['memcached', '7.99.0'],
  ['mariadb', '22.99.0'],
]);

describe.skipIf(!hasPublicCharts)(
  'missing parts of public charts (left out where the folder ../shared/charts is absent)',
  () => {
    let registry: EmbeddedRegistry;
    let work: string;
    beforeAll(async () => {
      registry = await startEmbedded();
      work = await mkdtemp(join(tmpdir(), 'public-parts-'));
      for (const archive of await readPublicArchives())
        expect((await registry.upload('public', archive)).status).toBe(201);
      const { folder, sources } = await unpackPublicCharts();
      for (const [name, version] of standInVersions) {
        const path = join(sources.get(name)?.folder ?? '', 'Chart.yaml');
        const manifest = await readFile(path, 'utf8');
        await writeFile(path, manifest.replace(/^version: .*/m, `version: ${version}`));
        const archive = execFileSync('tar', ['-czf', '-', '-C', folder, name]);
        expect((await registry.upload('public', archive)).status).toBe(201);
      }
      await rm(folder, { recursive: true, force: true });
    });
    afterAll(async () => {
      await registry?.close();
      await rm(work, { recursive: true, force: true });
    });

    describeHelms('composed', (helm) => {
      let folders: Awaited<ReturnType<typeof unpackPublicCharts>>;
      const space = `out-${helm.major}`;
      beforeAll(async () => {
        folders = await unpackPublicCharts();
        await registry.api(`/spaces?space=${space}`, { method: 'POST' });
      });
      afterAll(() => rm(folders.folder, { recursive: true, force: true }));

      /** Packages a chart with the parts that `helm dependency update` finds. */
      async function packageOwn(folder: string, target: string): Promise<void> {
        const manifest = await readFile(join(folder, 'Chart.yaml'), 'utf8');
        const url = `${registry.url}/public`;
        await writeFile(join(folder, 'Chart.yaml'), manifest.replace(/(repository: )oci:.*/g, `$1${url}`));
        const args = ['package', '--dependency-update', '--destination', target, folder];
        const { passed, stderr } = await runHelm(helm, args, target);
        expect(passed, stderr).toBe(true);
      }

      it.each(publicArchives())(
        'a public chart is composed into what `helm dependency build` makes: $name',
        async ({ name, version }) => {
          const target = join(work, `${helm.major}-${name}`);
          await mkdir(target);
          await packageOwn(folders.sources.get(name)?.folder ?? '', target);
          const source = { independent: true, space: 'public', chart: name, version, subcharts: 'resolve' };
          const body = { save: { chart: name, version }, configs: { package: source } };
          const response = await registry.orchestrate(space, body);
          expect(response.status, await response.clone().text()).toBe(201);
          const archive = await registry.api(`/spaces/${space}/charts/${name}/versions/${version}`);
          const composed = join(target, 'composed.tgz');
          await writeFile(composed, Buffer.from(await archive.arrayBuffer()));
          const own = join(target, `${name}-${version}.tgz`);
          // A library chart renders nothing, with the same complaint.
          const rendered = await renderPair(helm, { own, composed }, target);
          if (rendered.own.passed) expectEqual(rendered, generated);
          else expect(rendered.differences).toEqual([]);
        },
        60_000,
      );
    });
  },
);
