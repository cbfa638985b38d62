import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packArchive } from '../../core/archive/write-archive.ts';
import { digestOf } from '../../core/blobs/content.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const binary = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);

const cache: TestChart = {
  name: 'cache',
  version: '3.0.0',
  values: { port: 6379 },
  files: {
    'templates/_cache.tpl': '{{/* cache */}}',
    'crds/cache.yaml': 'kind: Cache\n',
    'ReadMe.TXT': 'cache\n',
  },
};
const db: TestChart = {
  name: 'db',
  version: '2.0.0',
  files: {
    'templates/db.yaml': 'a: 1\n',
    'crds/db.json': '{}\n',
    'crds/notes.md': 'no manifest\n',
    LICENSE: 'free\n',
  },
};
const webFiles = {
  '.helmignore': '*.bak\n',
  'README.md': '# Web\n',
  'CHANGELOG.md': '# 1.0.0\n',
  'license.txt': 'free\n',
  'values.schema.json': '{"type":"object"}\n',
  'templates/deep/er/web.yaml': 'kind: Web\n',
  'templates/NOTES.txt': 'Thanks.\n',
  'templates/_helpers.tpl': '',
  'templates/tests/a.yaml': 'kind: Pod\n',
  'files/a b%2F#?&+ü.txt': 'odd name\n',
  'files/logo.png': binary,
  'files/latin1.txt': Buffer.from([0xe9, 0x0a]),
  'files/page.html': '<script>alert(1)</script>\n',
  'charts/_kept/x.txt': 'own file\n',
};

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  const packedCache = await packChart(cache);
  const uploads = [
    await registry.upload('lib', {
      name: 'web',
      values: { replicas: 1 },
      files: webFiles,
      subcharts: [{ ...db, subcharts: [cache] }],
    }),
    await registry.upload('lib', {
      name: 'web',
      version: '2.0.0',
      values: { replicas: 1 },
      files: {
        ...webFiles,
        'charts/db-2.0.0.tgz': await packChart({
          ...db,
          files: { ...db.files, 'charts/cache-3.0.0.tgz': packedCache },
        }),
      },
    }),
  ];
  expect(uploads.map(({ status }) => status)).toEqual([201, 201]);
});
afterAll(() => registry.close());

const folder = (version: string, chart = 'web') => `/spaces/lib/charts/${chart}/versions/${version}/files`;
const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/');
const readFile = (path: string, version = '1.0.0', init?: RequestInit) =>
  registry.api(`${folder(version)}/${encode(path)}`, init);

interface Listed {
  path: string;
  size: number;
  kind: string;
  use?: string;
  binary: boolean;
}

async function list(query = 'limit=1000', version = '1.0.0', chart = 'web'): Promise<Listed[]> {
  const response = await registry.api(`${folder(version, chart)}?${query}`);
  expect(response.status).toBe(200);
  return Object(await response.json()).items;
}

const kindsOf = (files: readonly Listed[]) =>
  Object.fromEntries(files.map(({ path, kind, use }) => [path, use ? `${kind} ${use}` : kind]));

const expectedKinds = {
  '.helmignore': 'other',
  'CHANGELOG.md': 'other',
  'Chart.yaml': 'chart',
  'README.md': 'readme',
  'charts/_kept/x.txt': 'other',
  'charts/db/Chart.yaml': 'chart',
  'charts/db/LICENSE': 'license',
  'charts/db/charts/cache/Chart.yaml': 'chart',
  'charts/db/charts/cache/ReadMe.TXT': 'readme',
  'charts/db/charts/cache/crds/cache.yaml': 'crd',
  'charts/db/charts/cache/templates/_cache.tpl': 'template partial',
  'charts/db/charts/cache/values.yaml': 'values',
  'charts/db/crds/db.json': 'crd',
  'charts/db/crds/notes.md': 'other',
  'charts/db/templates/db.yaml': 'template',
  'files/a b%2F#?&+ü.txt': 'other',
  'files/latin1.txt': 'other',
  'files/logo.png': 'other',
  'files/page.html': 'other',
  'license.txt': 'license',
  'templates/NOTES.txt': 'template notes',
  'templates/_helpers.tpl': 'template partial',
  'templates/deep/er/web.yaml': 'template',
  'templates/tests/a.yaml': 'template test',
  'values.schema.json': 'schema',
  'values.yaml': 'values',
};

describe('the list of files', () => {
  it('the list of files has every file with its kind, size and nature, in order of the paths', async () => {
    const files = await list();
    expect(kindsOf(files)).toEqual(expectedKinds);
    expect(files.map(({ path }) => path)).toEqual(Object.keys(expectedKinds));
    expect(files.filter((file) => file.binary).map(({ path }) => path)).toEqual([
      'files/latin1.txt',
      'files/logo.png',
    ]);
    expect(files.find(({ path }) => path === 'files/logo.png')?.size).toBe(binary.length);
  });

  it('the list of files is the same where the charts inside are archives, which it has too', async () => {
    const files = await list('limit=1000', '2.0.0');
    const packed = files.filter(({ kind }) => kind === 'subchart').map(({ path }) => path);
    expect(packed).toEqual(['charts/db-2.0.0.tgz', 'charts/db/charts/cache-3.0.0.tgz']);
    expect(kindsOf(files.filter(({ kind }) => kind !== 'subchart'))).toEqual(expectedKinds);
    for (const path of ['charts/db/crds/db.json', 'charts/db/charts/cache/values.yaml'])
      expect(await (await readFile(path, '2.0.0')).text()).toBe(await (await readFile(path)).text());
  });

  it('the list of files is filtered by kind and by the start of the path, and paged', async () => {
    expect((await list('kind=crd')).map(({ path }) => path)).toEqual([
      'charts/db/charts/cache/crds/cache.yaml',
      'charts/db/crds/db.json',
    ]);
    expect((await list('path=charts/db/charts/&limit=50')).length).toBe(5);
    const page = await registry.api(`${folder('1.0.0')}?kind=template&start=1&limit=2`);
    expect(page.headers.get('link')).toContain('start=3');
    expect(Object(await page.json()).metadata).toEqual({ total: 6, itemsLength: 2 });
    const wrong = await registry.api(`${folder('1.0.0')}?kind=image`);
    expect([wrong.status, Object(await wrong.json()).details]).toEqual([400, { parameter: 'kind' }]);
  });

  it('the list of files is validated by the archive', async () => {
    const etag = (await registry.api(folder('1.0.0'))).headers.get('etag') ?? '';
    const again = await registry.api(folder('1.0.0'), { headers: { 'If-None-Match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await registry.api(folder('2.0.0'), { headers: { 'If-None-Match': etag } })).status).toBe(200);
  });
});

describe('a file', () => {
  it('a file is sent byte for byte under the digest of its content', async () => {
    for (const [path, content] of Object.entries(webFiles)) {
      const bytes = Buffer.from(content);
      const response = await readFile(path);
      expect([path, Buffer.from(await response.arrayBuffer())]).toEqual([path, bytes]);
      expect(response.headers.get('etag')).toBe(`"${digestOf(bytes)}"`);
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
    }
  });

  it('a file is nothing that a browser runs', async () => {
    const page = await readFile('files/page.html');
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('content-security-policy')).toContain('sandbox');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const types = await Promise.all(['files/logo.png', 'files/latin1.txt'].map((path) => readFile(path)));
    expect(types.map(({ headers }) => headers.get('content-type'))).toEqual([
      'application/octet-stream',
      'application/octet-stream',
    ]);
  });

  it('a file answers 304 and HEAD', async () => {
    const etag = `"${digestOf(Buffer.from('# Web\n'))}"`;
    const known = await readFile('README.md', '1.0.0', { headers: { 'If-None-Match': etag } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    const head = await readFile('README.md', '1.0.0', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), head.headers.get('content-length')]).toEqual([
      200,
      etag,
      '6',
    ]);
    expect(await head.text()).toBe('');
  });

  it('a file of another archive under the same version is the new one', async () => {
    const put = async (content: string) =>
      (await registry.upload('lib', { name: 'moved', version: content, files: { 'a.txt': content } })).status;
    expect(await put('1.0.0')).toBe(201);
    const path = '/spaces/lib/charts/moved/versions/1.0.0';
    expect(await (await registry.api(`${path}/files/a.txt`)).text()).toBe('1.0.0');
    const form = new FormData();
    form.set('chartfile', new Blob([await packChart({ name: 'moved', files: { 'a.txt': 'new' } })]), 'a.tgz');
    expect((await registry.api(path, { method: 'PUT', body: form })).status).toBe(200);
    expect(await (await registry.api(`${path}/files/a.txt`)).text()).toBe('new');
    expect((await registry.api(path, { method: 'DELETE' })).status).toBe(204);
    expect((await registry.api(`${path}/files/a.txt`)).status).toBe(404);
  });

  it.each([
    'nothing.txt',
    'readme.md',
    'templates',
    'templates/',
    'charts/db',
    'charts/db-2.0.0.tgz',
    '%2e%2e/%2e%2e/etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2Fetc%2Fpasswd',
    'templates%5CNOTES.txt',
    'templates/..%5C..%5CChart.yaml',
    './README.md%00',
    'README.md%00.txt',
    '%ff%fe',
    '%',
    'a'.repeat(5_000),
    'constructor',
    '__proto__',
  ])('the path %s names no file', async (path) => {
    const { status, body } = await rawGet(`/api/v1${folder('1.0.0')}/${path}`);
    // Segments of dots are refused for every route, before any file is looked for.
    expect(status).toBe(/^(?:\.|%2e%2e)\//.test(path) ? 400 : 404);
    expect(body).not.toContain('root:');
  });

  it('a file has an encoded slash as well as a plain one', async () => {
    const { status, body } = await rawGet(`/api/v1${folder('1.0.0')}/templates%2FNOTES.txt`);
    expect([status, body]).toEqual([200, 'Thanks.\n']);
  });

  it('that is missing is told with a code, and with another spelling where there is one', async () => {
    const response = await readFile('readme.MD');
    const body = Object(await response.json());
    expect([response.status, body.code]).toEqual([404, 'file.notFound']);
    expect(body.message).toContain('README.md');
  });
});

/** Sends a path as it is: `fetch` would resolve its dots. */
function rawGet(path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(registry.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path, headers: registry.headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.on('error', reject).end();
  });
}

describe('hostile archives', () => {
  const uploadFiles = async (name: string, files: [string, Buffer][]) => {
    const manifest = Buffer.from(`apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
    return registry.upload('lib', await packArchive(name, [['Chart.yaml', manifest], ...files]));
  };

  it('hostile archives with control characters in names are listed and read as they are', async () => {
    const names = [
      'a\nb\r\n.txt',
      'tab\t.txt',
      'esc\u001b[31m.txt',
      '\u202egnp.txt',
      'quote".txt',
      "x'<b>.txt",
    ];
    const upload = await uploadFiles(
      'odd',
      names.map((name) => [name, Buffer.from(name)]),
    );
    expect(upload.status).toBe(201);
    const paths = (await list('limit=100', '1.0.0', 'odd')).map(({ path }) => path);
    for (const name of names) {
      expect(paths).toContain(name);
      const response = await registry.api(`${folder('1.0.0', 'odd')}/${encode(name)}`);
      expect([name, await response.text()]).toEqual([name, name]);
    }
  });

  it('hostile archives with thousands of files are listed page by page, to the end', async () => {
    const files = Array.from({ length: 9_990 }, (_, index): [string, Buffer] => [
      `files/${index % 100}/${index}.txt`,
      Buffer.from(String(index)),
    ]);
    expect((await uploadFiles('many', files)).status).toBe(201);
    const paths = new Set<string>();
    for (let start = 0; start < 10_000; start += 1_000)
      for (const { path } of await list(`start=${start}&limit=1000`, '1.0.0', 'many')) paths.add(path);
    expect(paths.size).toBe(9_991);
    const response = await registry.api(`${folder('1.0.0', 'many')}/files/77/9977.txt`);
    expect(await response.text()).toBe('9977');
  });

  it.each<[string, string, [string, string][]]>([
    [
      'a path twice',
      'archive.ambiguous',
      [
        ['a.txt', '1'],
        ['a.txt', '2'],
      ],
    ],
    [
      'a path that is a folder of another',
      'archive.ambiguous',
      [
        ['a', '1'],
        ['a/b', '2'],
      ],
    ],
    ['a path that leads out', 'archive.unsafePath', [['../../x', '1']]],
  ])('hostile archives with %s never come in', async (_, code, entries) => {
    const upload = await uploadFiles(
      'twice',
      entries.map(([path, text]) => [path, Buffer.from(text)]),
    );
    expect([upload.status, Object(await upload.json()).code]).toEqual([400, code]);
  });

  it('archives that are no gzip inside are refused, so that no list meets them', async () => {
    const upload = await uploadFiles('inner', [['charts/x-1.0.0.tgz', gzipSync(Buffer.alloc(10))]]);
    expect(upload.status).toBe(400);
  });
});

it('reads files of an archive that is too large to be kept, again and again', async () => {
  const small = await startRegistry(
    { filesCache: 1024 * 1024, limitFile: 32 * 1024 * 1024 },
    { worker: false },
  );
  try {
    const large = Buffer.alloc(20 * 1024 * 1024, 'large ');
    const chart = { name: 'large', files: { 'README.md': 'small\n', 'a.bin': large } };
    expect((await small.upload('lib', chart)).status).toBe(201);
    for (let round = 0; round < 2; round += 1) {
      const response = await small.api(`${folder('1.0.0', 'large')}/a.bin`);
      expect(digestOf(Buffer.from(await response.arrayBuffer()))).toBe(digestOf(large));
      expect(await (await small.api(`${folder('1.0.0', 'large')}/README.md`)).text()).toBe('small\n');
    }
  } finally {
    await small.close();
  }
});
