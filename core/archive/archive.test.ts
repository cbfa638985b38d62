import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { ChartFiles } from '../chart/chart.ts';
import { isRegistryError } from '../errors.ts';
import { type ChartLimits, createArchiveBudget, defaultChartLimits } from './limits.ts';
import { readArchive } from './read-archive.ts';
import { packArchive } from './write-archive.ts';

const smallLimits: ChartLimits = { packed: 1_000_000, unpacked: 200_000, file: 50_000, entries: 100 };

/** Reads an archive as a stream and as a buffer, which must give the same files. */
async function unpack(bytes: Buffer, limits: ChartLimits = defaultChartLimits): Promise<ChartFiles> {
  const files = await readArchive(Readable.from([bytes]), createArchiveBudget(limits));
  expect(await readArchive(bytes, createArchiveBudget(limits))).toEqual(files);
  return files;
}

/** Returns the error's code, or `accepted`; reads a buffer as a stream too, which must end the same way. */
async function verdict(source: Buffer | Readable, limits: ChartLimits = smallLimits): Promise<string> {
  if (!Buffer.isBuffer(source)) return verdictOn(source, limits);
  const streamed = await verdictOn(Readable.from([source]), limits);
  expect(await verdictOn(source, limits)).toBe(streamed);
  return streamed;
}

async function verdictOn(source: Buffer | Readable, limits: ChartLimits): Promise<string> {
  try {
    await readArchive(source, createArchiveBudget(limits));
    return 'accepted';
  } catch (error) {
    if (isRegistryError(error)) return error.code;
    throw error;
  }
}

type Entry = Partial<Header> & { name: string; pax?: Record<string, string>; content?: string | Buffer };

/** Writes a gzipped tar archive with tar-stream, as another writer. */
async function tgz(...entries: (string | Entry)[]): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) {
    const { content, ...header } = typeof entry === 'string' ? { name: entry, content: 'x' } : entry;
    archive.entry(header, content ?? '');
  }
  archive.finalize();
  return gzipSync(await buffer(archive));
}

const segment = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_.-]{1,12}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.stringMatching(/^[a-z]{90,120}$/),
);
const path = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join('/').replace(/[\\\0]/g, '_'))
  .filter((text) => text.split('/').every((part) => part !== '' && part !== '.' && part !== '..'))
  .filter((text) => !/^[a-zA-Z]:\//.test(text) && !text.startsWith('..'));
const files = fc
  .dictionary(path, fc.uint8Array({ maxLength: 2000 }), { noNullPrototype: true, maxKeys: 12 })
  // No path may be the folder of another.
  .filter((contents) => {
    const paths = Object.keys(contents);
    return !paths.some((folder) => paths.some((other) => other.startsWith(`${folder}/`)));
  });

describe('packing and unpacking', () => {
  it('reads the files that packArchive packed: binary, empty, with long and non-ASCII paths', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (contents) => {
        const entries = Object.entries(contents).map(([name, bytes]): [string, Buffer] => [
          name,
          Buffer.from(bytes),
        ]);
        const packed = await packArchive('chart', entries);
        expect([...(await unpack(packed))]).toEqual(entries);
        expect(await packArchive('chart', entries)).toEqual(packed);
      }),
    );
  });

  it('packs archives that depend on neither machine nor time', async () => {
    const packed = await packArchive('c', [['Chart.yaml', Buffer.from('name: c\n')]]);
    expect(packed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    const tar = gunzipSync(packed);
    expect(tar.toString('latin1', 0, 12)).toBe('Chart.yaml\0\0');
    expect(tar.toString('latin1', 345, 348)).toBe('c\0\0');
    expect(tar.toString('latin1', 100, 148)).toBe(
      '0000644\x000000000\x000000000\x0000000000010\x0002263523000\x00',
    );
    expect(tar.length).toBe(4 * 512);
  });

  it('reads archives of other writers: pax and GNU long names, folders, padding, several gzip members', async () => {
    const long = `c/${'deep/'.repeat(60)}file.yaml`;
    const archive = await tgz({ name: 'c', type: 'directory' }, 'c/Chart.yaml', long, 'c/ü.txt');
    expect([...(await unpack(archive)).keys()]).toEqual(['Chart.yaml', long.slice(2), 'ü.txt']);
    const tar = gunzipSync(archive);
    const split = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);
    expect([...(await unpack(split)).keys()]).toHaveLength(3);
    expect((await unpack(gzipSync(Buffer.concat([tar, Buffer.alloc(10_000)])))).size).toBe(3);
    expect((await unpack(gzipSync(tar.subarray(0, -1024)))).size).toBe(3);
  });

  it('reads an archive that arrives byte by byte', async () => {
    const packed = await packArchive('c', [
      ['a', Buffer.alloc(1500, 1)],
      ['b'.repeat(300), Buffer.from('x')],
    ]);
    const bytes = Readable.from([...packed].map((byte) => Buffer.from([byte])));
    expect(await readArchive(bytes, createArchiveBudget(smallLimits))).toEqual(await unpack(packed));
  });

  it('drops the first folder of each path, whatever its name', async () => {
    const archive = await tgz({ name: './a', content: 'x' }, 'other/b/./c');
    expect([...(await unpack(archive))].map(([name, bytes]) => [name, String(bytes)])).toEqual([
      ['a', 'x'],
      ['b/c', 'x'],
    ]);
  });

  it('splits a path with a backslash at its backslashes', async () => {
    expect([...(await unpack(await tgz('c\\templates\\a.yaml', './Chart.yaml'))).keys()]).toEqual([
      'templates/a.yaml',
      'Chart.yaml',
    ]);
  });

  it('returns the paths of files that are not kept, without their bytes', async () => {
    const archive = await tgz('c/Chart.yaml', 'c/README.md');
    const found = await readArchive(
      Readable.from([archive]),
      createArchiveBudget(smallLimits),
      (name) => name === 'Chart.yaml',
    );
    expect([...found].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['Chart.yaml', 1],
      ['README.md', 0],
    ]);
  });

  it('ignores bytes behind the end of the tar archive, and zeros behind the gzip stream', async () => {
    const archive = await tgz('c/Chart.yaml');
    expect(await verdict(gzipSync(Buffer.concat([gunzipSync(archive), noise(1000)])))).toBe('accepted');
    expect(await verdict(Buffer.concat([archive, Buffer.alloc(100)]))).toBe('accepted');
  });
});

describe('ambiguous archives', () => {
  const chart = 'c/Chart.yaml';

  it.each<[string, string, (string | Entry)[]]>([
    ['two entries of one path', 'archive.ambiguous', ['c/a', './a']],
    ['a file that is a folder too', 'archive.ambiguous', ['c/a', 'c/a/b']],
    [
      'a pax size that is no number',
      'archive.notTar',
      [{ name: 'c/a', pax: { size: '0x10' }, content: 'x' }],
    ],
    ['a pax size in powers', 'archive.notTar', [{ name: 'c/a', pax: { size: '1e3' }, content: 'x' }]],
    ['a sparse name', 'archive.sparse', [{ name: 'c/a', pax: { 'GNU.sparse.name': 'c/b' }, content: 'x' }]],
    [
      'a sparse map',
      'archive.sparse',
      [{ name: 'c/a', pax: { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '9' }, content: 'x' }],
    ],
  ])('refuses an archive with %s', async (_name, code, entries) => {
    expect(await verdict(await tgz(chart, ...entries))).toBe(code);
  });

  it('drops one byte-order mark from a file', async () => {
    const archive = await tgz(chart, { name: 'c/a', content: Buffer.from('\uFEFFx') });
    expect(String((await unpack(archive)).get('a'))).toBe('x');
  });

  it('refuses zeros behind a gzip stream that ends without the end of a tar archive', async () => {
    const open = gzipSync(gunzipSync(await tgz(chart)).subarray(0, -1024));
    expect(await verdict(open)).toBe('accepted');
    expect(await verdict(Buffer.concat([open, Buffer.alloc(20)]))).toBe('archive.notGzip');
  });

  it('refuses a name in the gzip header that is too long for Go', async () => {
    const packed = await tgz(chart);
    const named = (length: number): Buffer => {
      const head = Buffer.from(packed.subarray(0, 10));
      head[3] = 8;
      return Buffer.concat([head, Buffer.alloc(length, 'n'), Buffer.alloc(1), packed.subarray(10)]);
    };
    expect(await verdict(named(511))).toBe('accepted');
    expect(await verdict(named(512))).toBe('archive.notGzip');
  });
});

describe('paths that are refused', () => {
  it.each([
    ['/etc/passwd'],
    ['c//etc/passwd'],
    ['../c/a'],
    ['c/../../a'],
    ['c/a/../b'],
    ['c/..a'],
    ['c\\..\\a'],
    ['C:/windows/a'],
    ['c/C:/a'],
    ['c\\C:\\a'],
    ['Chart.yaml'],
    ['README.md'],
    [`c/${'a/'.repeat(3000)}b`],
  ])('an archive with the path %s is refused', async (name) => {
    expect(await verdict(await tgz('c/Chart.yaml', name))).toBe('archive.unsafePath');
  });

  it('refuses a NUL byte in a pax path', async () => {
    expect(await verdict(await tgz({ name: 'c/a', pax: { path: 'c/a\0b' }, content: 'x' }))).toBe(
      'archive.notTar',
    );
  });

  it.each(['symlink', 'link', 'character-device', 'block-device', 'fifo'] as const)(
    'refuses an entry of the type %s',
    async (type) => {
      const archive = await tgz('c/Chart.yaml', { name: 'c/l', type, linkname: '/etc/passwd' });
      expect(await verdict(archive)).toBe('archive.link');
    },
  );
});

describe('files that are no chart archive', () => {
  it.each<[string, string, () => Promise<Buffer>]>([
    ['nothing', 'archive.truncated', async () => Buffer.alloc(0)],
    ['text', 'archive.notGzip', async () => Buffer.from('name: chart\n')],
    ['a zip', 'archive.notGzip', async () => Buffer.from('PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaa')],
    ['gzipped text', 'archive.notTar', async () => gzipSync('name: chart\n'.repeat(100))],
    ['short gzipped text', 'archive.notTar', async () => gzipSync('hello')],
    [
      'half an archive',
      'archive.truncated',
      async () => half(await tgz({ name: 'c/a', content: noise(20_000) })),
    ],
    [
      'a tar archive cut in a file',
      'archive.truncated',
      async () => gzipSync(gunzipSync(await tgz('c/a')).subarray(0, 512)),
    ],
    [
      'a broken stream',
      'archive.notGzip',
      async () => broken(await tgz({ name: 'c/a', content: noise(20_000) })),
    ],
    [
      'garbage after an entry',
      'archive.notTar',
      async () => gzipSync(Buffer.concat([gunzipSync(await tgz('c/a')).subarray(0, 1024), noise(512)])),
    ],
  ])('refuses %s with %s', async (_name, code, make) => {
    expect(await verdict(await make())).toBe(code);
  });

  it("rejects with the source's own error and destroys the source", async () => {
    const archive = await tgz('c/Chart.yaml');
    const source = Readable.from(
      (async function* () {
        yield archive.subarray(0, 20);
        throw new Error('the disk is gone');
      })(),
    );
    await expect(verdict(source)).rejects.toThrow('the disk is gone');
    expect(source.destroyed).toBe(true);
  });
});

describe('limits', () => {
  it('refuses the first byte, file byte or entry over a limit', async () => {
    const five = [1, 2, 3, 4, 5].map((number) => ({ name: `c/${number}`, content: Buffer.alloc(40_000) }));
    expect(await verdict(await tgz(...five))).toBe('accepted');
    expect(await verdict(await tgz(...five, 'c/b'))).toBe('archive.tooLarge');
    expect(await verdict(await tgz({ name: 'c/a', content: Buffer.alloc(50_000) }))).toBe('accepted');
    expect(await verdict(await tgz({ name: 'c/a', content: Buffer.alloc(50_001) }))).toBe(
      'archive.fileTooLarge',
    );
    expect(await verdict(await tgz(...manyNames(100)))).toBe('accepted');
    expect(await verdict(await tgz(...manyNames(101)))).toBe('archive.tooManyEntries');
    const folders = Array(101).fill({ name: 'c/d', type: 'directory' });
    expect(await verdict(await tgz(...folders))).toBe('archive.tooManyEntries');
  });

  it('refuses a file by the size in its header, before its content', async () => {
    const claim = gunzipSync(await tgz({ name: 'c/a', content: Buffer.alloc(60_000) })).subarray(0, 512);
    expect(await verdict(gzipSync(claim))).toBe('archive.fileTooLarge');
  });

  it('stops reading a decompression bomb at the limit, and destroys its source', async () => {
    const comment = await tgz({ name: 'c/a', pax: { comment: 'x'.repeat(50_000) }, content: '' });
    // Keep the pax header alone, without its entry and the end of the archive.
    const body = gunzipSync(comment).subarray(0, -3 * 512);
    let members = 0;
    const source = Readable.from(
      (function* () {
        for (; members < 1_000_000; members++) yield gzipSync(body);
      })(),
    );
    expect(await verdict(source)).toBe('archive.tooLarge');
    expect(members).toBeLessThan(1000);
    expect(source.destroyed).toBe(true);
  });

  it('counts the bytes behind the end of the archive and in extended headers', async () => {
    const tar = gunzipSync(await tgz('c/Chart.yaml'));
    expect(await verdict(gzipSync(Buffer.concat([tar, Buffer.alloc(300_000)])))).toBe('archive.tooLarge');
    const comment = { name: 'c/a', pax: { comment: 'x'.repeat(300_000) }, content: 'x' };
    expect(await verdict(await tgz(comment))).toBe('archive.tooLarge');
  });
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

function manyNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c/${index}`);
}

/** Makes bytes that do not compress. */
function noise(length: number): Buffer {
  let state = 1;
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[index] = state & 255;
  }
  return bytes;
}

function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(255, 10_000, 10_200);
  return copy;
}
