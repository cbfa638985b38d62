import { rm } from 'node:fs/promises';
import { createClient } from '../test/support/client.ts';
import { serve } from '../test/support/process.ts';
import { readProcessorTime } from './process-stats.ts';
import { makeDataDir, percentile, spread } from './support.ts';
import { createFastUploader } from './upload-fast.ts';

/** Uploads of a round at least. */
const minUploads = 240;

/** Clients that upload at the same time. */
const clients = 8;

/**
 * Measures multipart uploads of charts to `serve` with its defaults, by 8 clients. The result is the median of some
 * rounds after one to warm up. Each upload of a folder goes to a space of its own, and has bytes that the registry
 * does not have yet.
 */
export async function measureUploadRate(
  archives: readonly Buffer[],
  rounds: number,
  print: (line: string) => void,
): Promise<void> {
  const dataDir = await makeDataDir();
  const registry = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const uploader = createFastUploader(registry.url);
  const client = createClient([registry.url]);
  const copies = Math.ceil(minUploads / archives.length);
  const rates: number[] = [];
  const costs: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const spaces = Array.from({ length: copies }, (_, copy) => `round-${round}-${copy}`);
      for (const name of spaces) await client.api(`/spaces?space=${name}`, { method: 'POST' });
      const uploads = spaces.flatMap((space, copy) =>
        archives.map((archive) => ({ space, archive: withTime(archive, round * copies + copy) })),
      );
      const startedAt = performance.now();
      const cpuBefore = await readSeconds();
      await spread(uploads.length, clients, async (index) => {
        const upload = uploads[index];
        if (upload) await uploader.upload(upload.space, upload.archive);
      });
      rates.push(uploads.length / ((performance.now() - startedAt) / 1000));
      costs.push((((await readSeconds()) - cpuBefore) / uploads.length) * 1000);
    }
  } finally {
    uploader.close();
    await registry.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  }
  const measured = rates.slice(1).sort((left, right) => left - right);
  print(
    `uploads of ${archives.length} charts by ${clients} clients: ${percentile(measured, 0.5).toFixed(0)}/s ` +
      `(rounds: ${rates.map((rate) => rate.toFixed(0)).join(', ')}), ` +
      `${costs.map((cost) => cost.toFixed(1)).join(', ')} ms of processor an upload`,
  );
}

/** Reads the seconds of processor time that the registry and its PostgreSQL have used. */
async function readSeconds(): Promise<number> {
  return (await readProcessorTime(() => 'registry')).get('registry') ?? Number.NaN;
}

/** Gives an archive the bytes of another one by the time in its gzip header, which no reader uses. */
function withTime(archive: Buffer, time: number): Buffer {
  const changed = Buffer.from(archive);
  changed.writeUInt32LE(time, 4);
  return changed;
}
