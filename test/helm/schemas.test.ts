import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  dbWithSchema as db,
  packChart,
  schemaFile,
  type TestChart,
  webWithSchema as web,
} from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { renderArchive } from '../support/helm/archive.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
});
afterAll(() => registry?.close());

describeHelms('validation of values', (helm) => {
  it.each<[string, TestChart, boolean]>([
    ['a port that is a text', { ...db, values: { auth: { port: 'x' } } }, false],
    ['a port that fits', db, true],
    ['a subchart that does not fit', { ...web, values: { db: { auth: { port: 'x' } } } }, false],
    [
      'a subchart that is off',
      {
        ...web,
        manifest: { dependencies: [{ name: 'db', version: '1.0.0', condition: 'db.on' }] },
        values: { db: { on: false, auth: { port: 'x' } } },
      },
      true,
    ],
    [
      'a format of draft 2020-12',
      { ...db, values: { a: 'x' }, files: schemaFile({ properties: { a: { format: 'ipv4' } } }) },
      true,
    ],
    [
      'a format of draft 7',
      {
        ...db,
        values: { a: 'x' },
        files: schemaFile({
          $schema: 'http://json-schema.org/draft-07/schema#',
          properties: { a: { format: 'ipv4' } },
        }),
      },
      false,
    ],
    ['a reference to nothing', { ...db, files: schemaFile({ $ref: '#/definitions/none' }) }, false],
    [
      'a default draft that knows prefixItems',
      {
        ...db,
        values: { a: [1] },
        files: schemaFile({ properties: { a: { prefixItems: [{ type: 'string' }] } } }),
      },
      false,
    ],
  ])('values are accepted or refused as by Helm: %s', async (title, chart, fits) => {
    const name = `h${helm.major}-${Buffer.from(title).toString('hex').slice(-40)}`;
    const archive = await packChart({ ...chart, name });
    const rendered = await renderArchive(helm, archive);
    await registry.upload('lib', archive);
    const composed = await registry.orchestrate('lib', {
      save: { chart: `${name}-c`, version: '1.0.0' },
      configs: {
        package: { independent: true, space: 'lib', chart: name, version: '1.0.0', subcharts: 'keep' },
      },
    });
    expect([rendered.passed, composed.status]).toEqual([fits, fits ? 201 : 400]);
  });
});
