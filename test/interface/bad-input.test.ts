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

/** Everything that a request could leave behind. */
async function traces() {
  const [rows] = await registry.db.query(
    `SELECT (SELECT count(*) FROM spaces) AS spaces, (SELECT count(*) FROM charts) AS charts,
            (SELECT count(*) FROM versions) AS versions, (SELECT count(*) FROM jobs) AS jobs,
            (SELECT count(*) FROM locks) AS locks`,
  );
  return { rows, blobs: await registry.blobs(), drafts: await registry.drafts() };
}

// Whatever was sent: nothing stays of it, and the server goes on.
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

/** Made before there is a connection: it takes seconds, in which an idle connection ends without the client seeing it. */
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

  it.each(cases)('%s is refused', async (_, make, status, code) => {
    const response = await registry.upload('bad', await make());
    const error = await errorOf(response);
    expect({ status: response.status, code: error.code }).toEqual({ status, code });
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.message).not.toMatch(/node_modules|\bat \w+ \(|\/tmp\//);
  });

  it('of 10 GB in 10 MB stops at the limit, in bounded memory', async () => {
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
  it('that is sent as the body and not in a form is told how to come', async () => {
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

  it('without the field chartfile is refused', async () => {
    const form = new FormData();
    form.set('other', new Blob(['x']), 'x.tgz');
    const response = await registry.api('/spaces/bad/charts', { method: 'POST', body: form });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('upload.missingFile');
  });

  it('without a boundary is refused', async () => {
    const headers = { 'Content-Type': 'multipart/form-data' };
    const response = await registry.api('/spaces/bad/charts', { method: 'POST', body: 'x', headers });
    expect(response.status).toBe(400);
  });

  it('that ends before its last boundary is refused', async () => {
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
  ])('whose connection %s leaves nothing', async (_, cut) => {
    const { hostname, port } = new URL(registry.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const part = Buffer.alloc(2 * 1024 * 1024, 7);
    socket.write(
      'POST /api/v1/spaces/bad/charts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n' +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="chartfile"; filename="c.tgz"\r\n\r\n',
    );
    await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    // The server has begun to keep it.
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
    ['1,000 levels deep', nested(1000), undefined],
    ['100,000 levels deep', nested(100_000), undefined],
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

  it.each(cases)('%s is refused', async (_, body, pointer) => {
    const response = await registry.orchestrate('lib', body, {});
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    if (pointer !== undefined) expect(error.details?.pointer).toBe(pointer);
  });

  it('over a mebibyte is refused', async () => {
    const response = await registry.orchestrate(
      'lib',
      JSON.stringify({ save, big: 'x'.repeat(1024 * 1024) }),
      {},
    );
    expect(response.status).toBe(413);
  });
});

/** Empty files, written without the library, which takes half a minute for as many. */
async function manyEntries(count: number): Promise<Buffer> {
  const name = (number: number) => `bad/${String(number).padStart(6, '0')}`;
  const first = pack();
  first.entry({ name: name(0) }, '');
  first.finalize();
  const header = (await collect(first)).subarray(0, 512);
  // The sum of all bytes, where its own place counts as eight spaces.
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

/** Small packed, and megabytes of text to read: more than one archive may bring. */
function chartsOfDigits(): Promise<Buffer> {
  const digits = { data: `a: ${'9'.repeat(5_000_000)}\n` };
  const inside = (name: string): Entry[] => [
    { name: `bad/charts/${name}/Chart.yaml`, data: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n` },
    { name: `bad/charts/${name}/values.yaml`, ...digits },
  ];
  return chartWith(...inside('a'), ...inside('b'));
}

/** A tar of files of zeros just below the limit of one, gzipped without ever holding it: the same member again and again. */
async function gzipBomb(size: number): Promise<Buffer> {
  const file = 4 * 1024 * 1024;
  const tar = pack();
  tar.entry({ name: 'bad/zeros' }, Buffer.alloc(file));
  tar.finalize();
  // Without the tar's end, so that the next member goes on with it.
  const entry = (await collect(tar)).subarray(0, 512 + file);
  const member = gzipSync(entry, { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil(size / file) }, () => member));
}
