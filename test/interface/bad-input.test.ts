import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let clean: unknown;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  await registry.upload('lib', { name: 'web' });
  clean = await traces();
});
afterAll(() => registry.close());

/** Counts of rows and names of files that a refused request could leave behind. */
async function traces() {
  const [rows] = await registry.db.query(
    `SELECT (SELECT count(*) FROM spaces) AS spaces, (SELECT count(*) FROM charts) AS charts,
            (SELECT count(*) FROM versions) AS versions, (SELECT count(*) FROM jobs) AS jobs,
            (SELECT count(*) FROM locks) AS locks`,
  );
  return { rows, blobs: await registry.blobs(), drafts: await registry.drafts() };
}

// No refused request leaves a row or a file, and the server goes on.
afterEach(async () => {
  expect(await traces()).toEqual(clean);
  expect((await fetch(`${registry.url}/healthz`)).status).toBe(200);
});

interface Entry {
  name: string;
  type?: 'file' | 'symlink' | 'link' | 'directory';
  linkname?: string;
  data?: string | Buffer;
}

async function tarOf(entries: Iterable<Entry>): Promise<Buffer> {
  const tar = pack();
  const gzip = tar.pipe(createGzip());
  for (const { name, type = 'file', linkname, data = '' } of entries) {
    if (linkname === undefined) tar.entry({ name, type }, Buffer.from(data));
    else tar.entry({ name, type, linkname });
  }
  tar.finalize();
  return collect(gzip);
}

const manifest = 'apiVersion: v2\nname: bad\nversion: 1.0.0\n';
const chartWith = (...entries: Entry[]) => tarOf([{ name: 'bad/Chart.yaml', data: manifest }, ...entries]);
const manifestOf = (data: string) => tarOf([{ name: 'bad/Chart.yaml', data }]);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Archive of 100,000 entries, built first: building takes seconds, and idle connections would end meanwhile. */
const crowded = manyEntries(100_000);

describe('an archive', () => {
  const cases: [string, () => Promise<Buffer> | Buffer, number, string][] = [
    ['that is not gzip', () => Buffer.from('this is no archive'), 400, 'archive.notGzip'],
    ['that is empty', () => Buffer.alloc(0), 400, 'archive.truncated'],
    ['that is gzip of garbage', () => gzipSync(Buffer.alloc(4096, 'garbage')), 400, 'archive.notTar'],
    [
      'that is truncated',
      async () => (await packChart({ name: 'bad', files: { a: randomBytes(999) } })).subarray(0, 500),
      400,
      'archive.truncated',
    ],
    ['without Chart.yaml', () => tarOf([{ name: 'bad/values.yaml', data: 'a: 1\n' }]), 400, 'chart.invalid'],
    ['whose Chart.yaml is a list', () => manifestOf('- a\n'), 400, 'chart.invalid'],
    [
      'whose Chart.yaml lacks a name',
      () => manifestOf('apiVersion: v2\nversion: 1.0.0\n'),
      400,
      'chart.invalid',
    ],
    [
      'whose Chart.yaml lacks a version',
      () => manifestOf('apiVersion: v2\nname: bad\n'),
      400,
      'chart.invalid',
    ],
    [
      'whose version is bad',
      () => manifestOf('apiVersion: v2\nname: bad\nversion: one\n'),
      400,
      'chart.invalid',
    ],
    [
      'whose name is bad',
      () => manifestOf('apiVersion: v2\nname: a/b\nversion: 1.0.0\n'),
      400,
      'chart.invalid',
    ],
    [
      'whose name begins with _',
      () => manifestOf('apiVersion: v2\nname: _bad\nversion: 1.0.0\n'),
      400,
      'chart.invalid',
    ],
    [
      'with ../ in a path',
      () => chartWith({ name: 'bad/../../etc/passwd', data: 'x' }),
      400,
      'archive.unsafePath',
    ],
    ['with an absolute path', () => chartWith({ name: '/etc/passwd', data: 'x' }), 400, 'archive.unsafePath'],
    [
      'with a symbolic link',
      () => chartWith({ name: 'bad/a', type: 'symlink', linkname: '/etc/passwd' }),
      400,
      'archive.link',
    ],
    [
      'with a hard link',
      () => chartWith({ name: 'bad/a', type: 'link', linkname: 'bad/Chart.yaml' }),
      400,
      'archive.link',
    ],
    [
      'with a file over 5 MiB',
      () => chartWith({ name: 'bad/big', data: Buffer.alloc(5 * 1024 * 1024 + 1) }),
      413,
      'archive.fileTooLarge',
    ],
    ['with 100,000 entries', () => crowded, 413, 'archive.tooManyEntries'],
    [
      'whose values are a list',
      () => chartWith({ name: 'bad/values.yaml', data: '- 1\n' }),
      400,
      'values.invalid',
    ],
    [
      'whose values are no YAML',
      () => chartWith({ name: 'bad/values.yaml', data: 'a: [\n' }),
      400,
      'values.invalid',
    ],
    [
      'whose values explode by aliases',
      () => chartWith({ name: 'bad/values.yaml', data: billionLaughs() }),
      400,
      'values.invalid',
    ],
    ['whose values are numbers of megabytes', () => chartsOfDigits(), 400, 'values.invalid'],
    [
      'whose values are nested too deep',
      () => chartWith({ name: 'bad/values.yaml', data: nested(20_000) }),
      400,
      'values.invalid',
    ],
    ['over 20 MiB', () => Buffer.alloc(20 * 1024 * 1024 + 1, 1), 413, 'upload.tooLarge'],
    ['far over 20 MiB', () => Buffer.alloc(60 * 1024 * 1024, 1), 413, 'upload.tooLarge'],
  ];

  it.each(cases)('an archive %s is refused', async (_, make, status, code) => {
    const response = await registry.upload('bad', await make());
    const error = await errorOf(response);
    expect({ status: response.status, code: error.code }).toEqual({ status, code });
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.message).not.toMatch(/node_modules|\bat \w+ \(|\/tmp\//);
  });

  it('an archive of 10 GB in 10 MB is refused at the limit, in bounded memory', async () => {
    const bomb = await gzipBomb(10 * 1024 ** 3);
    expect(bomb.length).toBeLessThan(11 * 1024 * 1024);
    const before = sum(await registry.memory());
    const response = await registry.upload('bad', bomb);
    expect(response.status).toBe(413);
    expect(['archive.tooLarge', 'archive.fileTooLarge']).toContain((await errorOf(response)).code);
    expect(sum(await registry.memory()) - before).toBeLessThan(200 * 1024 * 1024);
  });
});

describe('an upload', () => {
  it('an archive sent as the body and not in a form is refused with the form to use', async () => {
    const archive = await packChart({ name: 'bare' });
    const posted = await errorOf(await registry.api('/spaces/bad/charts', { method: 'POST', body: archive }));
    expect(posted.code).toBe('request.notJson');
    expect(posted.message).toContain('curl -F chartfile=@FILE');
    const put = await errorOf(
      await registry.api('/spaces/bad/charts/bare/versions/1.0.0', { method: 'PUT', body: archive }),
    );
    expect(put.code).toBe('request.invalid');
    expect(put.message).toContain('multipart/form-data');
  });

  it('an upload without the field chartfile is refused', async () => {
    const form = new FormData();
    form.set('other', new Blob(['x']), 'x.tgz');
    const response = await registry.api('/spaces/bad/charts', { method: 'POST', body: form });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('upload.missingFile');
  });

  it('an upload without a boundary is refused', async () => {
    const headers = { 'Content-Type': 'multipart/form-data' };
    const response = await registry.api('/spaces/bad/charts', { method: 'POST', body: 'x', headers });
    expect(response.status).toBe(400);
  });

  it('an upload that ends before its last boundary is refused', async () => {
    const body =
      '--b\r\nContent-Disposition: form-data; name="chartfile"; filename="c.tgz"\r\n\r\nhalf of it';
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
    const response = await registry.api('/spaces/bad/charts', { method: 'POST', body, headers });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('request.incomplete');
  });

  it.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['ends', (socket: Socket) => socket.destroy()],
    ['ends on one side', (socket: Socket) => socket.end()],
  ])('an upload whose connection %s leaves nothing', async (_, cut) => {
    const { hostname, port } = new URL(registry.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const part = Buffer.alloc(2 * 1024 * 1024, 7);
    socket.write(
      'POST /api/v1/spaces/bad/charts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n' +
        Object.entries(registry.headers).map(([name, value]) => `${name}: ${value}\r\n`) +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="chartfile"; filename="c.tgz"\r\n\r\n',
    );
    await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    // Wait until the server has begun to write the file.
    await expect.poll(traces).not.toEqual(clean);
    cut(socket);
    await expect.poll(traces).toEqual(clean);
  });
});

describe('a recipe', () => {
  const web = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
  const save = { chart: 'new', version: '1.0.0' };
  const cases: [string, string, string | undefined][] = [
    ['that is not JSON', '{"save":', undefined],
    ['that is empty', '', undefined],
    ['that is a list', '[]', ''],
    ['of 1,000 levels', nested(1000), undefined],
    ['of 100,000 levels', nested(100_000), undefined],
    [
      'that names itself',
      JSON.stringify({ save: { chart: 'web', version: '1.0.0' }, configs: { package: web } }),
      '/configs/package',
    ],
    [
      'with a cycle of names',
      JSON.stringify({
        save,
        configs: { package: web, a: { package: web, b: { package: web, a: { package: web } } } },
      }),
      '/configs/a/b/a',
    ],
    [
      'with __proto__ as a child',
      `{"save":${JSON.stringify(save)},"configs":{"package":${JSON.stringify(web)},"__proto__":{}}}`,
      '/configs/__proto__',
    ],
    [
      'with a bad version',
      JSON.stringify({ save: { ...save, version: 'one' }, configs: { package: web } }),
      '/save/version',
    ],
    [
      'with a bad child name',
      JSON.stringify({ save, configs: { package: web, 'a/b': { package: web } } }),
      '/configs/a~1b',
    ],
    ['with a child that is no node', JSON.stringify({ save, configs: { package: web, a: 1 } }), '/configs/a'],
    [
      'with NUL in a value',
      JSON.stringify({ save, configs: { package: web, _config: { a: '\0' } } }),
      '/configs/_config/a',
    ],
  ];

  it.each(cases)('a recipe %s is refused', async (_, body, pointer) => {
    const response = await registry.orchestrate('lib', body, {});
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    if (pointer !== undefined) expect(error.details?.pointer).toBe(pointer);
  });

  it('a recipe over a mebibyte is refused', async () => {
    const response = await registry.orchestrate(
      'lib',
      JSON.stringify({ save, big: 'x'.repeat(1024 * 1024) }),
      {},
    );
    expect(response.status).toBe(413);
  });
});

/** Builds a tar of empty files without the library, which takes half a minute for so many. */
async function manyEntries(count: number): Promise<Buffer> {
  const name = (number: number) => `bad/${String(number).padStart(6, '0')}`;
  const first = pack();
  first.entry({ name: name(0) }, '');
  first.finalize();
  const header = (await collect(first)).subarray(0, 512);
  // Tar's checksum is the sum of all bytes, with eight spaces in place of the checksum.
  const checksum = { at: 148, length: 8 };
  const tar = Buffer.alloc((count + 2) * header.length);
  for (let number = 0; number < count; number += 1) {
    const entry = tar.subarray(number * header.length, (number + 1) * header.length);
    header.copy(entry);
    entry.write(name(number));
    entry.fill(' ', checksum.at, checksum.at + checksum.length);
    const sum = entry.reduce((total, byte) => total + byte, 0);
    entry.write(`${sum.toString(8).padStart(6, '0')}\0 `, checksum.at);
  }
  return gzipSync(tar);
}

function billionLaughs(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i += 1)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  return `${lines.join('\n')}\n`;
}

async function collect(stream: Readable | Pack): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Builds an archive that is small packed, with more megabytes of values than one archive may have. */
function chartsOfDigits(): Promise<Buffer> {
  const digits = { data: `a: ${'9'.repeat(5_000_000)}\n` };
  const inside = (name: string): Entry[] => [
    { name: `bad/charts/${name}/Chart.yaml`, data: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n` },
    { name: `bad/charts/${name}/values.yaml`, ...digits },
  ];
  return chartWith(...inside('a'), ...inside('b'));
}

/**
 * Repeats one gzip member with a file of zeros until the unpacked tar has `size` bytes.
 * Each file stays below the limit of one file, and the tar is never in memory.
 */
async function gzipBomb(size: number): Promise<Buffer> {
  const file = 4 * 1024 * 1024;
  const tar = pack();
  tar.entry({ name: 'bad/zeros' }, Buffer.alloc(file));
  tar.finalize();
  // Leave out the end of the tar, so that the next member continues the archive.
  const entry = (await collect(tar)).subarray(0, 512 + file);
  const member = gzipSync(entry, { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil(size / file) }, () => member));
}
