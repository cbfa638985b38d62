import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { DetailsDeps, VersionDetails } from '../../core/details/details.ts';
import { readComposedStates } from '../../core/details/read-composed-states.ts';
import type { InFlight } from '../../core/read-cache/in-flight.ts';
import type { RenderedDocument, ResponseCache } from '../../core/read-cache/response-cache.ts';
import type { Page, Paging } from '../../core/registry/registry.ts';
import type { WaitingClient } from '../../core/runtime/threads/fair-limiter.ts';
import { withActor } from '../access/route-access.ts';
import { sendCachedBody, validatorHeaders, writeListJson } from './cached-response.ts';
import type { CachedBody, Env } from './env.ts';
import { linkNext } from './next-page.ts';

/** Details of a space, and how they are found in the response cache. */
export interface DetailsDocument {
  space: string;
  /** Filter and place that tell documents of one path apart. */
  key: unknown;
  paging?: Paging;
  /** Renders the document without states. */
  render(): Promise<string | RenderedDocument>;
}

/** Row, list or object in a document of details. */
interface DetailsNode extends Partial<VersionDetails> {
  items?: DetailsNode[];
  latest?: VersionDetails;
}

/**
 * Sends details from the response cache, or 304.
 * States of composed versions change with their sources, in any space, and are not the same for every reader: they are
 * read for each request. A document without composed versions is remembered for the fast path; with some, only where
 * access is open.
 */
export async function sendDetails(
  c: Context<Env>,
  { registry, answers, inFlight }: { registry: DetailsDeps; answers: ResponseCache; inFlight: InFlight },
  { space, key, paging, render }: DetailsDocument,
): Promise<Response> {
  const deps = withActor(c, registry);
  const readCached = async (client?: WaitingClient) => {
    const name = `${c.req.path} ${JSON.stringify(key)}`;
    const { body, etag, next, spaceId } = await answers.read(space, name, render, { client });
    const headers = validatorHeaders(etag);
    if (paging && next !== undefined) headers.Link = linkNext(c, { start: next, limit: paging.limit });
    return { body, etag, contentHeaders: { 'Content-Type': 'application/json' }, headers, spaceId };
  };
  const read = async (client?: WaitingClient) => {
    const cached = await readCached(client);
    if (!hasComposed(cached.body)) return cached;
    // The document is made anew, with states.
    return inFlight.make(space, () => addComposedStates(deps, cached), client);
  };
  const readForAnybody = async (client?: WaitingClient) => {
    const cached = await readCached(client);
    return hasComposed(cached.body) ? undefined : cached;
  };
  return sendCachedBody(c, await read(c.env?.outgoing), deps.actor.guarded ? readForAnybody : read);
}

type Rendered = CachedBody & { body: Uint8Array<ArrayBuffer> };

/** Whether a document has a composed version; within texts, JSON escapes these quotes. */
function hasComposed({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): boolean {
  return Buffer.from(buffer, byteOffset, byteLength).includes('"composed":true');
}

async function addComposedStates(deps: DetailsDeps, rendered: Rendered): Promise<Rendered> {
  const document: DetailsNode = JSON.parse(Buffer.from(rendered.body).toString());
  const composed = [document, ...(document.items ?? [])]
    .flatMap((row) => [row.latest ?? row])
    .filter(isComposed);
  const states = await readComposedStates(deps, composed);
  composed.forEach((version, index) => {
    const state = states[index];
    if (state !== undefined) version.state = state;
  });
  if (rendered.etag === undefined) return { ...rendered, body: toBytes(document) };
  const mark = createHash('sha256').update(states.join()).digest('base64url').slice(0, 12);
  const etag = `${rendered.etag.slice(0, -1)}-${mark}"`;
  return { ...rendered, body: toBytes(document), etag, headers: { ...rendered.headers, ETag: etag } };
}

function isComposed(row: DetailsNode): row is VersionDetails {
  return row.composed === true;
}

function toBytes(document: DetailsNode): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}

/** Writes a page of rows as JSON text. */
export function renderRows(page: Page<object>, paging: Paging): RenderedDocument {
  return writeListJson({ total: page.total, items: page.items.map((item) => JSON.stringify(item)) }, paging);
}
