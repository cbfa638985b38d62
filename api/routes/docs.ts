import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Context as HonoContext } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { declareAccess } from '../access/declared-routes.ts';
import { checkAuthorizationHeader } from '../access/route-access.ts';
import type { App, Env } from '../http/env.ts';
import { pagePolicy } from '../http/security-headers.ts';
import { writeDocument } from '../openapi/document.ts';

const swaggerPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Helm registry: interface</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const swaggerStartScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', tagsSorter: null, defaultModelsExpandDepth: 0 });\n`;

/**
 * Mounts `/openapi.json` and a page that shows it. Browsers are led from `/` to the page of the registry. Every file
 * comes from this process, none from other servers.
 */
export function mountDocs(app: App): void {
  const mount = (path: string, answer: (c: HonoContext<Env>) => Response | Promise<Response>) =>
    app.get(
      path,
      declareAccess(async (c: HonoContext<Env>) => {
        await checkAuthorizationHeader(c);
        return answer(c);
      }, docsAccess),
    );
  let description: string | undefined;
  mount('/openapi.json', (c) => {
    description ??= writeDocument(app);
    return c.body(description, 200, { 'Content-Type': 'application/json' });
  });
  mount('/', (c) => {
    c.header('Vary', 'Accept');
    return c.redirect(/\btext\/html\b/.test(c.req.header('accept') ?? '') ? '/-/' : '/docs');
  });
  mount('/docs', (c) => c.html(swaggerPage, 200, { 'Content-Security-Policy': pagePolicy }));
  mount('/docs/start.js', (c) => c.body(swaggerStartScript, 200, { 'Content-Type': 'text/javascript' }));
  mount('/docs/:file', async (c) => {
    const asset = assets.get(c.req.param('file') ?? '');
    if (!asset) throw new RegistryError('route.notFound', `There is nothing at ${c.req.path}.`);
    const bytes = await readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${asset.file}`));
    return c.body(bytes, 200, { 'Content-Type': asset.type, 'Cache-Control': 'public, max-age=3600' });
  });
}

const docsAccess = { anyone: 'the documentation is the same for all, and has nothing of what is stored' };

const assets = new Map([
  ['swagger-ui.css', { file: 'swagger-ui.css', type: 'text/css' }],
  ['swagger-ui-bundle.js', { file: 'swagger-ui-bundle.js', type: 'text/javascript' }],
]);
