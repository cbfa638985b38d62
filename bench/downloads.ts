import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { createClient } from '../test/support/client.ts';
import { serve } from '../test/support/process.ts';
import { hasDistribution, startDistribution } from '../test/support/servers/distribution.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { createPushClient } from './push-client.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';
import { findLoadProgram } from './wrk.ts';

// Benchmarks downloads of one archive by every interface, of a bare Node server that sends one Buffer of the same size as
// the yardstick, and of distribution where it is on the PATH, medians of three rounds after a warm-up:
//
// npm run bench:downloads -- [--bytes 69000] [--large 15000000] [--connections 16] [--seconds 4]

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '69000' },
    large: { type: 'string', default: '15000000' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '4' },
  },
});
const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
/** Type that clients of OCI ask for; distribution has no manifest for those that do not. */
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
const program = await findLoadProgram();
print(`${describeMachine()}; asked by ${program.name}`);
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const registry = await serve({ DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' });
registry.process.stdout?.resume();
const peer = hasDistribution() ? await startDistribution() : undefined;
if (!peer) print('left out: downloads from distribution: no `distribution` on the PATH');
try {
  for (const [name, bytes] of [
    ['web', Number(values.bytes)],
    ['large', Number(values.large)],
  ] as const) {
    const archive = await upload(name, bytes);
    await measure(`bare Node server, ${archive.length} bytes`, await serveBuffer(archive), '/');
    await measure('  chart repository', registry.url, `/bench/charts/${name}-1.0.0.tgz`);
    await measure('  API', registry.url, `/api/v1/spaces/bench/charts/${name}/versions/1.0.0`);
    const blob = `/v2/bench/${name}/blobs/${await digestOf(name)}`;
    const manifest = `/v2/bench/${name}/manifests/1.0.0`;
    if (peer) await pushTo(peer.url, name, archive);
    await measure('  OCI blob', registry.url, blob);
    if (peer) await measure('  OCI blob, distribution', peer.url, blob);
    await measure('  OCI manifest', registry.url, manifest, manifestType);
    if (peer) await measure('  OCI manifest, distribution', peer.url, manifest, manifestType);
  }
} finally {
  await peer?.dispose();
  await registry.end('SIGTERM');
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}

async function upload(name: string, bytes: number): Promise<Buffer> {
  const files: Record<string, Buffer> = {};
  for (let rest = bytes, number = 0; rest > 0; rest -= 4_000_000, number += 1)
    files[`files/${number}.bin`] = randomBytes(Math.min(rest, 4_000_000));
  const archive = await packChart({ name, files });
  const { status } = await createClient([registry.url]).upload('bench', archive);
  if (status !== 201) throw new Error(`the upload was answered ${status}`);
  return archive;
}

async function pushTo(url: string, name: string, archive: Buffer): Promise<void> {
  const client = createPushClient(url);
  await client.push(`bench/${name}`, name, '1.0.0', archive);
  client.close();
}

async function digestOf(name: string): Promise<string> {
  const answer = await fetch(`${registry.url}/api/v1/spaces/bench/charts/${name}/versions/1.0.0`, {
    method: 'HEAD',
  });
  return answer.headers.get('etag')?.replaceAll('"', '') ?? '';
}

async function measure(name: string, url: string, path: string, accept?: string): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const { perSecond, failed } = await program.load(url, [path], {
      ...options,
      ...(accept === undefined ? {} : { accept }),
      seconds: round === 0 ? 1 : options.seconds,
    });
    if (failed > 0) throw new Error(`${failed} downloads of ${path} were refused`);
    if (round > 0) rates.push(perSecond);
  }
  print(
    `${name.padEnd(40)} ${percentile(
      rates.sort((left, right) => left - right),
      0.5,
    )
      .toFixed(0)
      .padStart(6)}/s`,
  );
}

/** Serves one Buffer for the rest of the benchmark. */
async function serveBuffer(body: Buffer): Promise<string> {
  const server = createServer((_, outgoing) => outgoing.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
