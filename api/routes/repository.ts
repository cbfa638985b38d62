import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { archiveName } from '../../core/archive/archive-name.ts';
import { isSpaceName } from '../../core/chart/names.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import type { Registry } from '../../core/registry/registry.ts';
import { findSpace } from '../../core/registry/space-rows.ts';
import { indexFormats } from '../../core/repository/document.ts';
import { type FoundFile, findFile, findFileOf } from '../../core/repository/find-file.ts';
import { sendReady } from '../http/cached-response.ts';
import { sendArchive, sendProvenance } from '../http/download.ts';
import { type App, type Env, mount, nothing } from '../http/mount-routes.ts';
import { chooseEncoding, chooseFormat } from '../http/negotiate.ts';
import { answer, errors, spaceParams } from '../schemas.ts';

const tags = ['Chart repository'];
const bytes = { schema: { type: 'string' as const } };

/**
 * Spaces of these names are no chart repositories: other interfaces have `/api/charts/NAME` and `/v2/NAME/...`. Nothing else
 * of this server is called as `index.yaml`, or a file in `charts/`, is below any name.
 */
const notRepositories = new Set(['api', 'v2']);

/** Serves each space as a chart repository, at `/SPACE`. */
export function mountRepository(app: App, context: Context): void {
  mount(
    app,
    {
      method: 'get',
      path: '/{space}/index.yaml',
      tags,
      summary: 'Index of a chart repository',
      description:
        'For `helm repo add NAME http://HOST/SPACE`. Written as JSON, which is YAML too, or as `Accept` says ' +
        '(`application/json`, `application/yaml`); packed as `Accept-Encoding` says (`br`, `gzip`).',
      request: { params: spaceParams, query: nothing },
      responses: {
        200: {
          description: 'Every version, newest first, as it is now.',
          content: { 'application/json': { schema: z.looseObject({}) }, 'application/yaml': bytes },
        },
        304: answer('The client has it already.'),
        ...errors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepository(c, params.space);
      return sendIndex(c, context, params.space);
    },
  );

  mount(
    app,
    {
      method: 'get',
      path: '/{space}/charts/{file}',
      tags,
      summary: 'Download NAME-VERSION.tgz, or NAME-VERSION.tgz.prov',
      request: { params: z.object({ space: z.string(), file: z.string() }), query: nothing },
      responses: {
        200: {
          description: 'The archive, or its provenance file.',
          content: { 'application/gzip': bytes, 'application/pgp-signature': bytes },
        },
        ...errors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepository(c, params.space);
      return sendFile(c, context, params.space, params.file);
    },
  );

  mount(
    app,
    {
      method: 'get',
      path: '/{space}/charts/{chart}/{version}/{file}',
      tags,
      summary: 'Download NAME-VERSION.tgz, or NAME-VERSION.tgz.prov, of the version that is named before',
      description: 'The index gives this path where NAME-VERSION can be read as two versions.',
      request: {
        params: z.object({ space: z.string(), chart: z.string(), version: z.string(), file: z.string() }),
        query: nothing,
      },
      responses: {
        200: {
          description: 'The archive, or its provenance file.',
          content: { 'application/gzip': bytes, 'application/pgp-signature': bytes },
        },
        ...errors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepository(c, params.space);
      return sendNamedFile(c, context, params);
    },
  );
}

/** A file by its version and its own name, as an index gives it where the name alone is not enough. */
export interface NamedFile {
  space: string;
  chart: string;
  version: string;
  file: string;
}

/** Answers the address of a repository itself. Mounted last: pages and health checks of ours have such addresses, too. */
export function mountRepositoryRoot(app: App, context: Context): void {
  mount(
    app,
    {
      method: 'get',
      path: '/{space}',
      tags,
      summary: 'Go to the index of a chart repository',
      description: 'Some clients ask for the address of a repository itself before they take it for one.',
      request: { params: spaceParams, query: nothing },
      responses: { 302: { description: 'The index is at `Location`.' }, ...errors(404) },
    },
    async (c, { params: { space } }) => {
      if (notRepositories.has(space) || !(await isSpace(context.registry, space))) throw nothingAt(c);
      return c.redirect(`/${space}/index.yaml`);
    },
  );
}

/** Sends the index of a space as it is now, in the form that the client likes best; or its entries alone. */
export function sendIndex(
  c: HonoContext<Env>,
  { indexes, config }: Context,
  space: string,
  form?: 'entries',
): Promise<Response> {
  const format = form ?? chooseFormat(c, indexFormats, config.indexFormat);
  const encoding = chooseEncoding(c, ['br', 'gzip']);
  return sendReady(c, async () => {
    const { body, etag } = await indexes.read(space, { format, encoding });
    const form = {
      'Content-Type': format === 'yaml' ? 'application/yaml' : 'application/json',
      ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
    };
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept, Accept-Encoding' };
    return { body, etag, form, headers };
  });
}

/** Sends the archive that is called so, or its provenance file. */
export function sendFile(
  c: HonoContext<Env>,
  { registry }: Context,
  space: string,
  file: string,
): Promise<Response> {
  return sendFound(c, registry, file, (archiveFile) => findFile(registry, space, archiveFile));
}

/** Sends the archive of a version, or its provenance file, as its own name says. */
export function sendNamedFile(
  c: HonoContext<Env>,
  { registry }: Context,
  { file, ...ref }: NamedFile,
): Promise<Response> {
  return sendFound(c, registry, file, (archiveFile) => {
    if (archiveFile !== archiveName(ref.chart, ref.version)) throw nothingAt(c);
    return findFileOf(registry, ref);
  });
}

async function sendFound(
  c: HonoContext<Env>,
  registry: Registry,
  file: string,
  find: (archiveFile: string) => Promise<FoundFile>,
): Promise<Response> {
  const archiveFile = file.replace(/\.prov$/, '');
  if (!archiveFile.endsWith('.tgz')) throw nothingAt(c);
  const { archive, ...ref } = await find(archiveFile);
  if (archiveFile !== file) return sendProvenance(c, registry, ref);
  return sendArchive(c, registry, ref, archive);
}

async function isSpace({ db }: Registry, space: string): Promise<boolean> {
  return isSpaceName(space) && (await findSpace(db, space)) !== undefined;
}

function checkRepository(c: HonoContext<Env>, space: string): void {
  if (notRepositories.has(space)) throw nothingAt(c);
}

function nothingAt(c: HonoContext<Env>): RegistryError {
  return new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
