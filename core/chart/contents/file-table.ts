import { type DigestedFile, type FileKind, fileKinds, templateRoles } from './contents.ts';

/**
 * Files of an archive in columns, by the bytes of their paths.
 * A thread sends ten thousand files so without holding up the event loop, which would make an object of each.
 */
export interface FileTable {
  paths: string[];
  /** Bytes. */
  sizes: Float64Array;
  /** Offsets in the kept bytes; -1 for a file that is not kept. */
  offsets: Float64Array;
  /** Indexes in {@link fileKinds}. */
  kinds: Uint8Array;
  /** Indexes in {@link templateRoles} and one more; 0 for none. */
  uses: Uint8Array;
  /** 1 for a file that is not text. */
  binary: Uint8Array;
  /** Digests one after another, 32 bytes each. */
  digests: Uint8Array;
}

const bytesPerDigest = 32;

/** Writes files as a table. */
export function writeFileTable(files: readonly DigestedFile[]): FileTable {
  const digests = new Uint8Array(files.length * bytesPerDigest);
  for (const [index, { digest }] of files.entries())
    digests.set(Buffer.from(digest.slice('sha256:'.length), 'hex'), index * bytesPerDigest);
  return {
    paths: files.map(({ path }) => path),
    sizes: Float64Array.from(files, ({ size }) => size),
    offsets: Float64Array.from(files, ({ at = -1 }) => at),
    kinds: Uint8Array.from(files, ({ kind }) => fileKinds.indexOf(kind)),
    uses: Uint8Array.from(files, ({ use }) => (use ? templateRoles.indexOf(use) + 1 : 0)),
    binary: Uint8Array.from(files, ({ binary }) => Number(binary)),
    digests,
  };
}

/** Reads a file of a table. */
export function fileAt(table: FileTable, index: number): DigestedFile {
  const { paths, sizes, offsets, kinds, uses, binary, digests } = table;
  const use = templateRoles[(uses[index] ?? 0) - 1];
  const at = offsets[index] ?? -1;
  const digest = Buffer.from(digests.subarray(index * bytesPerDigest, (index + 1) * bytesPerDigest));
  return {
    path: paths[index] ?? '',
    size: sizes[index] ?? 0,
    kind: fileKinds[kinds[index] ?? 0] ?? 'other',
    ...(use ? { use } : {}),
    binary: binary[index] === 1,
    digest: `sha256:${digest.toString('hex')}`,
    ...(at < 0 ? {} : { at }),
  };
}

/** Finds the indexes of files whose paths begin with a text. Files are of one kind, or of all. */
export function findFileIndexes(table: FileTable, kind: FileKind | undefined, start: string): number[] {
  const wanted = kind === undefined ? undefined : fileKinds.indexOf(kind);
  const found: number[] = [];
  for (const [index, path] of table.paths.entries())
    if ((wanted === undefined || table.kinds[index] === wanted) && path.startsWith(start)) found.push(index);
  return found;
}

/** Finds a file by its path. */
export function findByPath(table: FileTable, path: string): DigestedFile | undefined {
  const index = table.paths.indexOf(path);
  return index < 0 ? undefined : fileAt(table, index);
}
