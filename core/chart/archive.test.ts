import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { createArchiveBudget, readArchive } from './archive-read.ts';
import { packArchive } from './archive-write.ts';
import type { ChartFiles } from './chart.ts';
import { type ChartLimits, defaultChartLimits } from './limits.ts';

const limits: ChartLimits = { packed: 1_000_000, unpacked: 200_000, file: 50_000, entries: 100 };

/** As a stream and as it is, which makes no difference. */
async function unpack(bytes: Buffer, given: ChartLimits = defaultChartLimits): Promise<ChartFiles> {
  const files = await readArchive(Readable.from([bytes]), createArchiveBudget(given));
  expect(await readArchive(bytes, createArchiveBudget(given))).toEqual(files);
  return files;
}

/** The error's code, or `accepted`; the same for bytes as for a stream of them. */
async function verdict(source: Buffer | Readable, given: ChartLimits = limits): Promise<string> {
  if (!Buffer.isBuffer(source)) return verdictOn(source, given);
  const streamed = await verdictOn(Readable.from([source]), given);
  expect(await verdictOn(source, given)).toBe(streamed);
  return streamed;
}

async function verdictOn(source: Buffer | Readable, given: ChartLimits): Promise<string> {
  try {
    await readArchive(source, createArchiveBudget(given));
    return 'accepted';
  } catch (error) {
    if (isRegistryError(error)) return error.code;
    throw error;
  }
}

type Entry = Partial<Header> & { name: string; pax?: Record<string, string>; content?: string | Buffer };

/** A tar archive by another writer, gzipped. */
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
  .filter((text) => !/^[a-zA-Z]:\//.test(text));
const files = fc.dictionary(path, fc.uint8Array({ maxLength: 2000 }), { noNullPrototype: true, maxKeys: 12 });

describe('packing and unpacking', () => {
  it('gives back any files: binary, empty, with long and non-ASCII paths', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (given) => {
        const entries = Object.entries(given).map(([name, bytes]): [string, Buffer] => [
          name,
          Buffer.from(bytes),
        ]);
        const packed = await packArchive('chart', entries);
        expect([...(await unpack(packed))]).toEqual(entries);
        expect(await packArchive('chart', entries)).toEqual(packed);
      }),
    );
  });

  it('writes nothing of the machine or the time', async () => {
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

  it('reads what other writers write: pax and GNU long names, folders, padding, several gzip members', async () => {
    const long = `c/${'deep/'.repeat(60)}file.yaml`;
    const archive = await tgz({ name: 'c', type: 'directory' }, 'c/Chart.yaml', long, 'c/ü.txt');
    expect([...(await unpack(archive)).keys()]).toEqual(['Chart.yaml', long.slice(2), 'ü.txt']);
    const tar = gunzipSync(archive);
    const split = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);
    expect([...(await unpack(split)).keys()]).toHaveLength(3);
    expect((await unpack(gzipSync(Buffer.concat([tar, Buffer.alloc(10_000)])))).size).toBe(3);
    expect((await unpack(gzipSync(tar.subarray(0, -1024)))).size).toBe(3);
  });

  it('reads byte by byte as well as in one piece', async () => {
    const packed = await packArchive('c', [
      ['a', Buffer.alloc(1500, 1)],
      ['b'.repeat(300), Buffer.from('x')],
    ]);
    const bytes = Readable.from([...packed].map((byte) => Buffer.from([byte])));
    expect(await readArchive(bytes, createArchiveBudget(limits))).toEqual(await unpack(packed));
  });

  it('takes the last of two entries with one path, and drops the first folder whatever it is called', async () => {
    const archive = await tgz(
      { name: 'c/a', content: 'old' },
      { name: './a', content: 'new' },
      'other/b/./c',
    );
    expect([...(await unpack(archive))].map(([name, bytes]) => [name, String(bytes)])).toEqual([
      ['a', 'new'],
      ['b/c', 'x'],
    ]);
  });

  it('takes the backslash for the separator where there is one', async () => {
    expect([...(await unpack(await tgz('c\\templates\\a.yaml', './Chart.yaml'))).keys()]).toEqual([
      'templates/a.yaml',
      'Chart.yaml',
    ]);
  });

  it('keeps the names of unwanted files, without their bytes', async () => {
    const archive = await tgz('c/Chart.yaml', 'c/README.md');
    const found = await readArchive(
      Readable.from([archive]),
      createArchiveBudget(limits),
      (name) => name === 'Chart.yaml',
    );
    expect([...found].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['Chart.yaml', 1],
      ['README.md', 0],
    ]);
  });

  it('ignores what follows the end of the tar archive, and zeros behind the gzip stream', async () => {
    const archive = await tgz('c/Chart.yaml');
    expect(await verdict(gzipSync(Buffer.concat([gunzipSync(archive), noise(1000)])))).toBe('accepted');
    expect(await verdict(Buffer.concat([archive, Buffer.alloc(100)]))).toBe('accepted');
  });
});

describe('paths that are refused', () => {
  it.each([
    ['/etc/passwd'],
    ['c//etc/passwd'],
    ['../c/a'],
    ['c/../../a'],
    ['c/a/../b'],
    ['c\\..\\a'],
    ['C:/windows/a'],
    ['c/C:/a'],
    ['c\\C:\\a'],
    ['Chart.yaml'],
    ['README.md'],
    [`c/${'a/'.repeat(3000)}b`],
  ])('%s', async (name) => {
    expect(await verdict(await tgz('c/Chart.yaml', name))).toBe('archive.unsafePath');
  });

  it('a NUL byte in a pax path', async () => {
    expect(await verdict(await tgz({ name: 'c/a', pax: { path: 'c/a\0b' }, content: 'x' }))).toBe(
      'archive.unsafePath',
    );
  });

  it.each(['symlink', 'link', 'character-device', 'block-device', 'fifo'] as const)('%s', async (type) => {
    const archive = await tgz('c/Chart.yaml', { name: 'c/l', type, linkname: '/etc/passwd' });
    expect(await verdict(archive)).toBe('archive.link');
  });
});

describe('what is no archive', () => {
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
  ])('%s is %s', async (_name, code, make) => {
    expect(await verdict(await make())).toBe(code);
  });

  it("passes the source's own failure on and destroys every stream", async () => {
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
  it('stops at the first byte too many, wherever it is', async () => {
    const entry = { name: 'c/a', content: Buffer.alloc(40_000) };
    expect(await verdict(await tgz(entry, entry, entry, entry, entry))).toBe('accepted');
    expect(await verdict(await tgz(entry, entry, entry, entry, entry, 'c/b'))).toBe('archive.tooLarge');
    expect(await verdict(await tgz({ name: 'c/a', content: Buffer.alloc(50_000) }))).toBe('accepted');
    expect(await verdict(await tgz({ name: 'c/a', content: Buffer.alloc(50_001) }))).toBe(
      'archive.fileTooLarge',
    );
    expect(await verdict(await tgz(...Array(100).fill('c/a')))).toBe('accepted');
    expect(await verdict(await tgz(...Array(101).fill('c/a')))).toBe('archive.tooManyEntries');
    const folders = Array(101).fill({ name: 'c/d', type: 'directory' });
    expect(await verdict(await tgz(...folders))).toBe('archive.tooManyEntries');
  });

  it('refuses a file that claims to be large before any of it is sent', async () => {
    const claim = gunzipSync(await tgz({ name: 'c/a', content: Buffer.alloc(60_000) })).subarray(0, 512);
    expect(await verdict(gzipSync(claim))).toBe('archive.fileTooLarge');
  });

  it('reads no more of a bomb than the limit, and destroys its source', async () => {
    const header = gunzipSync(await tgz({ name: 'c/a', content: Buffer.alloc(50_000) })).subarray(0, 512);
    const body = Buffer.concat([header, Buffer.alloc(50_176)]);
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

  it('counts what comes after the end of the archive and in extended headers', async () => {
    const tar = gunzipSync(await tgz('c/Chart.yaml'));
    expect(await verdict(gzipSync(Buffer.concat([tar, Buffer.alloc(300_000)])))).toBe('archive.tooLarge');
    const comment = { name: 'c/a', pax: { comment: 'x'.repeat(300_000) }, content: 'x' };
    expect(await verdict(await tgz(comment))).toBe('archive.tooLarge');
  });
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/** Bytes that do not compress. */
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
