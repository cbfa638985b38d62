import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packChart } from '../support/charts.ts';
import { chartTypes, digest, manifestOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

interface Version {
  chart: string;
  version: string;
  archive: Buffer;
}

const entriesShape = z.record(
  z.string(),
  z.array(z.looseObject({ version: z.string(), urls: z.array(z.string()).optional() })),
);
const indexShape = z.looseObject({ entries: entriesShape });
const entryShape = z.looseObject({ digest: z.string() });

/** Reads the archive's digest through every interface; the status where an interface has no archive. */
async function pullByAll(space: string, { chart, version }: Version) {
  const read = async (path: string) => {
    const response = await registry.request(path);
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.status === 200 ? digest(bytes) : response.status;
  };
  const index = indexShape.parse(await (await registry.request(`/${space}/index.yaml`)).json());
  const url = index.entries[chart]?.find((entry) => entry.version === version)?.urls?.[0];
  const museum = await registry.request(`/api/${space}/charts/${chart}/${version}`);
  const tagged = await registry.request(`/v2/${space}/${chart}/manifests/${version.replaceAll('+', '_')}`);
  const layers = tagged.status === 200 ? (await manifestOf(tagged)).layers : [];
  return {
    api: await read(`/api/v1/spaces/${space}/charts/${chart}/versions/${version}`),
    index: url === undefined ? 404 : await read(`/${space}/${url}`),
    named: await read(`/${space}/charts/${chart}/${version}/${chart}-${version}.tgz`),
    museum: museum.status === 200 ? `sha256:${entryShape.parse(await museum.json()).digest}` : museum.status,
    oci: layers.find(({ mediaType }) => mediaType === chartTypes.archive)?.digest ?? tagged.status,
  };
}

describe.each([
  ['plain', 'mongo', '89.1.0-1.0.0', 'mongo-89.1.0', '1.0.0'],
  ['built', 'a', '1.0.0-2.0.0+b.1', 'a-1.0.0', '2.0.0+b.1'],
  ['underscored', 'x_y', '1.0.0-3.0.0', 'x_y-1.0.0', '3.0.0'],
  ['dashed', 'w-1', '2.0.0-rc-1-3.0.0', 'w-1-2.0.0-rc-1', '3.0.0'],
])('two versions of one file name, %s', (space, chart, version, otherChart, otherVersion) => {
  it('two versions of one file name are separate on every interface, and can be deleted separately', async () => {
    const one = { chart, version, archive: await packChart({ name: chart, version }) };
    const other = {
      chart: otherChart,
      version: otherVersion,
      archive: await packChart({ name: otherChart, version: otherVersion }),
    };
    expect(`${chart}-${version}`).toBe(`${otherChart}-${otherVersion}`);
    expect((await registry.upload(space, one.archive)).status).toBe(201);
    const body = new Uint8Array(other.archive);
    expect((await registry.request(`/api/${space}/charts`, { method: 'POST', body })).status).toBe(201);
    const everywhere = (value: string | number) => ({
      api: value,
      index: value,
      named: value,
      museum: value,
      oci: value,
    });
    for (const each of [one, other])
      expect(await pullByAll(space, each)).toEqual(everywhere(digest(each.archive)));
    const path = `/api/${space}/charts/${other.chart}/${other.version}`;
    expect((await registry.request(path, { method: 'DELETE' })).status).toBe(200);
    expect(await pullByAll(space, other)).toEqual(everywhere(404));
    expect(await pullByAll(space, one)).toEqual(everywhere(digest(one.archive)));
  });
});
