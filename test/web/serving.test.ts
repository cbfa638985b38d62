import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

/** Bytes that a browser loads before the first page shows, compressed. */
const maxFirstLoad = 60_000;

describe('the files of the page', () => {
  let registry: GuardedRegistry;
  beforeAll(async () => {
    registry = await startGuarded({}, { worker: false });
  });
  afterAll(() => registry.close());
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${registry.url}${path}`, { method, headers, redirect: 'manual' });

  it('the files of the page are for anybody, also where access is guarded', async () => {
    const page = await get('/-/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
        'trusted-types page dompurify',
    );
    expect(await page.text()).toContain('<div id="app">');
  });

  it('/ leads browsers to the page, and programs to the interface', async () => {
    const browser = await get('/', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/-/']);
    const program = await get('/', { Accept: '*/*' });
    expect([program.status, program.headers.get('location')]).toEqual([302, '/docs']);
    expect(program.headers.get('vary')).toMatch(/accept/i);
    expect((await get('/-')).headers.get('location')).toBe('/-/');
  });

  it('the files of the page are answered with 304 to who has them, in each coding, and to HEAD without a body', async () => {
    for (const coding of ['br', 'gzip', 'identity']) {
      const accept = { 'Accept-Encoding': coding };
      const first = await get('/-/', accept);
      expect(first.headers.get('content-encoding')).toBe(coding === 'identity' ? null : coding);
      const etag = first.headers.get('etag') ?? '';
      await first.text();
      expect((await get('/-/', { ...accept, 'If-None-Match': etag })).status).toBe(304);
      expect((await get('/-/', { ...accept, 'If-None-Match': '"other"' })).status).toBe(200);
      const head = await get('/-/', accept, 'HEAD');
      expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
    }
    const refused = await get('/-/', { 'Accept-Encoding': 'br;q=0, gzip;q=0' });
    expect(refused.headers.get('content-encoding')).toBeNull();
  });

  it('every address that is no file is a state of the page, and an asset that is gone is 404', async () => {
    for (const path of ['/-/jobs/1', '/-/charts/a/b?tab=values', '/-/%zz', '/-/..%2f..%2fpackage.json'])
      expect((await get(path)).headers.get('content-type'), path).toBe('text/html; charset=utf-8');
    expect((await get('/-/assets/gone.js')).status).toBe(404);
  });

  it(`load at most ${maxFirstLoad / 1000} kB before the first page shows`, async () => {
    const index = await (await get('/-/')).text();
    const seen = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = await (await get(path)).text();
      sizes.push(gzipSync(text, { level: 9 }).length);
      if (!path.endsWith('.js')) return;
      const imports = [...text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)];
      await Promise.all(imports.map(([, name]) => follow(`/-/assets/${name}`)));
    };
    const sizes: number[] = [gzipSync(index, { level: 9 }).length];
    const files = [...index.matchAll(/(?:src|href)="(\/-\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files.length).toBeGreaterThan(1);
    await Promise.all(files.map(follow));
    expect(sizes.length).toBeGreaterThan(files.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxFirstLoad);
  });

  it('name the layers of styles in their order, whichever sheet is read first', async () => {
    const index = await (await get('/-/')).text();
    const sheets = [...index.matchAll(/href="(\/-\/assets\/[^"]+\.css)"/g)].map(([, path]) => path ?? '');
    expect(sheets.length).toBeGreaterThan(0);
    for (const sheet of sheets) expect(await (await get(sheet)).text()).toMatch(/^@layer reset[,{]/);
  });
});
