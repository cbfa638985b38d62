import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesFileOf } from '../support/helm/composition.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { expectEqual } from '../support/helm/expect-equal.ts';
import { hasPublicCharts, readPublicArchives, unpackPublicCharts } from '../support/helm/public-charts.ts';
import { alone, assembled, configured, configuredValues } from '../support/helm/public-compositions.ts';
import { lintCharts, renderPair } from '../support/helm/render.ts';
import { openWorkshop, type Pair, type Workshop } from '../support/helm/workshop.ts';

/** Matches lines of the public charts that are generated anew in each rendering: passwords, keys, checksums. */
const generated =
  /^ +(checksum\/secrets?|[\w-]*passwords?|[\w-]*key|[\w-]+-id|[\w-]+-cookie|tls\.key|(tls|ca)\.crt): /;

let workshop: Workshop;
let unpacked: Awaited<ReturnType<typeof unpackPublicCharts>>;

describe.skipIf(!hasPublicCharts)(
  'public charts (left out where the folder ../shared/charts is absent)',
  () => {
    beforeAll(async () => {
      unpacked = await unpackPublicCharts();
      workshop = await openWorkshop(unpacked.sources);
      for (const archive of await readPublicArchives()) await workshop.upload(archive);
    });
    afterAll(async () => {
      await workshop?.close();
      await rm(unpacked.folder, { recursive: true, force: true });
    });

    describeHelms('composed', (helm) => {
      let pairs: Map<string, Pair>;
      beforeAll(async () => {
        pairs = await workshop.pair(helm, [...alone, ...assembled, ...configured]);
      });
      const pairOf = (chart: string): Pair => pairs.get(chart) ?? { composed: '', own: '' };

      it.each([...alone, ...assembled])(
        'a composed public chart renders as Helm renders its own: $chart',
        async ({ chart }) => {
          expectEqual(await renderPair(helm, pairOf(chart), workshop.folder), generated);
        },
      );

      it.each(assembled)(
        'a composed public chart renders as Helm renders its own with values of a user: $chart',
        async ({ chart }) => {
          const file = join(workshop.folder, `${helm.major}-${chart}.json`);
          await writeFile(file, JSON.stringify(configuredValues[chart]));
          const args = ['-f', file, '--set', 'global.defaultStorageClass=fast,commonLabels.a=b'];
          expectEqual(
            await renderPair(helm, pairOf(chart), workshop.folder, { own: args, composed: args }),
            generated,
          );
        },
      );

      it.each(configured)(
        'a composed public chart with a configuration renders as with a file of values: $chart',
        async (composition) => {
          const { chart, root } = composition;
          const file = join(workshop.folder, `${helm.major}-${chart}.json`);
          await writeFile(file, JSON.stringify(valuesFileOf(root)));
          expectEqual(
            await renderPair(helm, pairOf(chart), workshop.folder, { own: ['-f', file] }),
            generated,
          );
        },
      );

      it('composed public charts are linted as Helm lints its own', async () => {
        const all = [...pairs.values()];
        const messages = await lintCharts(
          helm,
          all.flatMap(({ own, composed }) => [own, composed]),
          workshop.folder,
        );
        expect(messages.size).toBe(2 * all.length);
        for (const [chart, { own, composed }] of pairs)
          expect(messages.get(composed), chart).toBe(messages.get(own));
      }, 180_000);
    });
  },
);
