import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Content } from '../core/blobs/port.ts';
import { prepareBucket } from '../core/blobs/s3/bucket.ts';
import { createS3Blobs } from '../core/blobs/s3.ts';
import { startMinio } from '../test/support/servers/object-store.ts';
import { readPeakMemory } from './process-stats.ts';
import { describeMachine } from './support.ts';

// Benchmarks concurrent puts of large blobs into a bucket, and this process's memory meanwhile (Linux only, with
// MinIO):
//
// npm run bench:puts -- [--blobs 8] [--mebibytes 60]

const { values } = parseArgs({
  options: { blobs: { type: 'string', default: '8' }, mebibytes: { type: 'string', default: '60' } },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const piece = Buffer.alloc(64 * 1024, 'blob');

/** Creates content that is generated while it is read, so that it is never in memory as a whole. */
function makeContent(index: number, pieces: number): Content {
  const bytes = function* () {
    yield Buffer.from(`${index}`.padStart(8));
    for (let count = 0; count < pieces; count++) yield Buffer.from(piece);
  };
  const hash = createHash('sha256');
  let size = 0;
  for (const chunk of bytes()) {
    hash.update(chunk);
    size += chunk.length;
  }
  return {
    digest: `sha256:${hash.digest('hex')}`,
    size,
    open: () => Readable.from(bytes(), { objectMode: false }),
  };
}

const minio = await startMinio();
const { endpoint, accessKey, secretKey } = minio;
const options = { endpoint, accessKey, secretKey, bucket: 'charts', region: 'us-east-1', pathStyle: true };
await prepareBucket(options, true);
const store = createS3Blobs(options);
const contents = Array.from({ length: Number(values.blobs) }, (_, index) =>
  makeContent(index, Number(values.mebibytes) * 16),
);
const before = process.memoryUsage().rss;
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 10);
const startedAt = performance.now();
await Promise.all(contents.map((content) => store.put(content)));
const seconds = (performance.now() - startedAt) / 1000;
clearInterval(watch);
await store.close();
await minio.dispose();
const peakMemory = await readPeakMemory('self');
const inMebibytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
print(describeMachine());
print(
  `${contents.length} blobs of ${values.mebibytes} MiB at once: ${seconds.toFixed(1)} s, resident ${inMebibytes(before)} MiB before, ${inMebibytes(peak)} MiB at most meanwhile (${peakMemory.toFixed(0)} MiB ever)`,
);
