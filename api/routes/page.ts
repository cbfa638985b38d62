import type { Context as HonoContext } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { declareAccess } from '../access/declared-routes.ts';
import { checkAuthorizationHeader } from '../access/route-access.ts';
import { matchesEtag } from '../http/cached-response.ts';
import type { App, Env } from '../http/env.ts';
import { type PageFile, readPageFiles } from '../http/page-files.ts';

/** Address below which the page is served; no space can have this name. */
const base = '/-/';

/**
 * Content Security Policy of the page (level 3): files of this process alone, no inline code, and no text becomes markup
 * but through the named policies of Trusted Types.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types page dompurify',
].join('; ');

const pageAccess = { anyone: 'the page is the same for all, and has nothing of what is stored' };

/** Mounts the page at `/-/`. Paths that are not files are states of the page. */
export function mountPage(app: App): void {
  let reading: ReturnType<typeof readPageFiles> | undefined;
  const serve = declareAccess(async (c: HonoContext<Env>) => {
    await checkAuthorizationHeader(c);
    // The router's path has no slash at its end.
    const { pathname } = new URL(c.req.url);
    if (!pathname.startsWith(base)) return c.redirect(base);
    reading ??= readPageFiles();
    const files = await reading;
    if (!files)
      throw new RegistryError(
        'route.notFound',
        'The page is not built here: run `npm ci` and then `npm run build:web`. The interface is described at /docs.',
      );
    const path = pathname.slice(base.length);
    const isAsset = path.startsWith('assets/');
    const file = files.get(path) ?? (isAsset ? undefined : files.get('index.html'));
    if (!file) throw new RegistryError('route.notFound', `There is nothing at ${c.req.path}.`);
    return send(c, file, isAsset);
  }, pageAccess);
  app.get(`${base}*`, serve);
}

/** Sends a file in the smallest form that the browser reads. Files below `assets/` have their hash in the name. */
function send(c: HonoContext<Env>, file: PageFile, isAsset: boolean): Response {
  const accepted = c.req.header('accept-encoding') ?? '';
  const coding = (['br', 'gzip'] as const).find(
    (name) => file[name] && new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted),
  );
  const etag = `"${file.digest}${coding ? `-${coding}` : ''}"`;
  const headers: Record<string, string> = {
    ETag: etag,
    'Cache-Control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Security-Policy': contentSecurityPolicy,
    // Other sites get no referrer. A stricter policy would hide the `Origin` of the form that logs out, which is checked.
    'Referrer-Policy': 'same-origin',
    Vary: 'Accept-Encoding',
  };
  if (matchesEtag(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
  const bytes = (coding && file[coding]) ?? file.plain;
  return c.body(new Uint8Array(bytes), 200, {
    ...headers,
    'Content-Type': file.type,
    ...(coding ? { 'Content-Encoding': coding } : {}),
  });
}
