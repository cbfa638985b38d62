import { packChart } from '../../test/support/charts.ts';
import { createClient } from '../../test/support/client.ts';

/** Kind of request that costs the registry far more than its sender. */
export interface HostileRequest {
  name: string;
  /** Sends the request. `round` makes each one different. @returns the status of the response */
  send(round: number): Promise<number>;
}

const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const json = { 'Content-Type': 'application/json' };

const version = '/spaces/bench/charts/web/versions/1.0.0';

/** Makes the bodies once, so that the benchmark spends its time on sending. */
async function makeBodies() {
  const source = { independent: true, space: 'bench', chart: 'web', version: '1.0.0' };
  const recipe = (chart: string, config: string) =>
    `{"save":{"chart":"${chart}","version":"1.0.0"},"configs":{"package":${JSON.stringify(source)},"_config":${config}}}`;
  const [manyKeys, fewerKeys] = [JSON.stringify(keys(60_000)), JSON.stringify(keys(20_000))];
  const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
  const values = 'v: '.concat(
    Array.from({ length: 40_000 }, (_, index) => `\n  k${index}: {a: [b, c]}`).join(''),
  );
  const list = `x:\n${'- a\n'.repeat(60_000)}`;
  const long = JSON.stringify({
    apiVersion: 'v2',
    name: 'web',
    version: '1.0.0',
    description: 'a'.repeat(900_000),
  });
  const archives = await Promise.all([
    packChart({ name: 'hostile', files: { 'values.yaml': values } }),
    packChart({ name: 'hostile', files: { 'values.yaml': list } }),
    packChart({ name: 'hostile', files: { 'values.yaml': Buffer.alloc(4_900_000, '#') } }),
  ]);
  const layer = { mediaType: 'x', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: layer,
    layers: Array.from({ length: 30_000 }, () => layer),
  });
  return { recipe, manyKeys, fewerKeys, deep, long, archives, manifest };
}

type Bodies = Awaited<ReturnType<typeof makeBodies>>;
type Kind = [name: string, send: (round: number) => Promise<Response>];

type Client = ReturnType<typeof createClient>;

/** Makes the requests for a registry that has `bench/web 1.0.0`. */
export async function makeHostileRequests(url: string): Promise<HostileRequest[]> {
  const client = createClient([url]);
  const bodies = await makeBodies();
  const kinds = [
    ...documents(client, bodies),
    ...recipes(client, bodies),
    ...uploads(client, bodies),
    ...reads(client),
  ];
  return kinds.map(([name, send]) => ({
    name,
    async send(round) {
      const answer = await send(round);
      await answer.arrayBuffer();
      return answer.status;
    },
  }));
}

function documents({ api }: Client, { fewerKeys, long }: Bodies): Kind[] {
  const put = (path: string, body: string) => api(path, { method: 'PUT', headers: json, body });
  return [
    [
      'values of 100,000 keys',
      () =>
        put(
          `${version}/manifests/values`,
          JSON.stringify(keys(100_000))
            .slice(0, 1_000_000)
            .replace(/,[^,]*$/, '}'),
        ),
    ],
    ['values of 20,000 keys', () => put(`${version}/manifests/values`, fewerKeys)],
    ['metadata of 900 KB', () => put(`${version}/manifests/metadata`, long)],
  ];
}

function recipes({ api, orchestrate }: Client, { recipe, manyKeys, fewerKeys, deep }: Bodies): Kind[] {
  return [
    [
      'recipe of 60,000 keys',
      (round) => orchestrate('bench', recipe(`made-${round}`, manyKeys), { Prefer: 'wait=20' }),
    ],
    [
      'recipe of 20,000 keys',
      (round) => orchestrate('bench', recipe(`made-${round}-b`, fewerKeys), { Prefer: 'wait=20' }),
    ],
    [
      'dry run of 20,000 keys',
      (round) =>
        api('/spaces/bench/charts?dryRun=true', {
          method: 'POST',
          headers: json,
          body: recipe(`dry-${round}`, fewerKeys),
        }),
    ],
    ['recipe that is no JSON', () => orchestrate('bench', `${recipe('x', manyKeys)}}`)],
    ['recipe nested 60 deep', (round) => orchestrate('bench', recipe(`deep-${round}`, deep), {})],
  ];
}

function uploads({ request, upload }: Client, { archives, manifest }: Bodies): Kind[] {
  return [
    ['upload with 40,000 maps', () => upload('bench', archives[0])],
    ['upload with a list of 60,000', () => upload('bench', archives[1])],
    ['upload of a comment of 5 MB', () => upload('bench', archives[2])],
    [
      'manifest of 30,000 layers',
      () =>
        request('/v2/bench/web/manifests/many', {
          method: 'PUT',
          headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
          body: manifest,
        }),
    ],
  ];
}

function reads({ api, request }: Client): Kind[] {
  return [
    ['values that were made large', () => api(`${version}/manifests/values`)],
    ['all metadata', () => api('/spaces/bench/metadata?limit=1000')],
    ['all jobs', () => api('/jobs?limit=1000')],
    ['templates', () => request('/api/bench/charts/web/1.0.0/templates')],
    ['search', () => api('/search?q=a&limit=1000')],
  ];
}
