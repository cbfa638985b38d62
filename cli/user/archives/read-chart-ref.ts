import { createGunzip } from 'node:zlib';
import { isObject, readTextValue } from '../contexts/read-json.ts';

/** Name and version of a packed chart. */
export interface PackedChartRef {
  chart: string;
  version: string;
}

/** Bytes of a block of a tar archive, and of the largest Chart.yaml that is examined. */
const blockSize = 512;
const maxChartYamlBytes = 1024 * 1024;

/**
 * Reads name and version from the Chart.yaml of an archive. It only saves an upload: what this reader does not
 * understand is undefined, and the registry judges the archive.
 */
export async function readChartRef(archive: Uint8Array): Promise<PackedChartRef | undefined> {
  const text = await findChartYaml(archive).catch(() => undefined);
  if (text === undefined) return undefined;
  const { parse } = await import('yaml');
  const fields: unknown = await Promise.resolve(text)
    // Every scalar stays a text, as Helm reads names: 2048 is one.
    .then((source): unknown => parse(source, { schema: 'failsafe', uniqueKeys: false }))
    .catch(() => undefined);
  const [chart, version] = isObject(fields)
    ? [readTextValue(fields, 'name'), readTextValue(fields, 'version')]
    : [];
  if (
    chart === undefined ||
    version === undefined ||
    !isChartOrVersionName(chart) ||
    !isChartOrVersionName(version)
  )
    return undefined;
  return { chart, version };
}

/** Whether a text can name a chart or version. Such a text can be part of a path. */
export function isChartOrVersionName(text: string): boolean {
  return /^[A-Za-z0-9][\w.+-]*$/.test(text);
}

/** Unpacks an archive up to its Chart.yaml, which is mostly its first file. */
async function findChartYaml(archive: Uint8Array): Promise<string | undefined> {
  const gunzip = createGunzip();
  gunzip.end(archive);
  let pending = Buffer.alloc(0);
  let skip = 0;
  for await (const chunk of gunzip) {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const skipped = Math.min(skip, pending.length);
      pending = pending.subarray(skipped);
      skip -= skipped;
      if (skip > 0 || pending.length < blockSize) break;
      const { name, size, isFile } = readHeader(pending.subarray(0, blockSize));
      if (Number.isNaN(size)) return undefined;
      const isWanted = isFile && /^(?:\.\/)?[^/]+\/Chart\.yaml$/.test(name);
      if (!isWanted) {
        skip = blockSize + Math.ceil(size / blockSize) * blockSize;
        continue;
      }
      if (size > maxChartYamlBytes) return undefined;
      if (pending.length < blockSize + size) break;
      return pending.toString('utf8', blockSize, blockSize + size);
    }
  }
  return undefined;
}

/** Reads the header of an entry (POSIX.1-1988, ustar). */
function readHeader(block: Buffer): { name: string; size: number; isFile: boolean } {
  const textAt = (start: number, length: number) =>
    block.toString('utf8', start, start + length).replace(/\0[\s\S]*$/, '');
  const type = textAt(156, 1);
  const prefix = textAt(257, 5) === 'ustar' ? textAt(345, 155) : '';
  const size = textAt(124, 12).trim();
  return {
    name: prefix === '' ? textAt(0, 100) : `${prefix}/${textAt(0, 100)}`,
    size: /^[0-7]*$/.test(size) ? Number.parseInt(size || '0', 8) : Number.NaN,
    isFile: type === '0' || type === '',
  };
}
