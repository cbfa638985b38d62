import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { listRepositories, maxRepositories } from '../../core/oci/catalog.ts';
import { parseDigest } from '../../core/oci/digest.ts';
import { mediaTypes } from '../../core/oci/media-types.ts';
import { listReferrers } from '../../core/oci/referrers.ts';
import { listTags, maxTags } from '../../core/oci/tags.ts';
import { withActor } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import { sendJson, sendText } from '../http/send-text.ts';
import type { OciInput, OciRootRoute, OciRoute } from './route.ts';

/** Routes that list tags and referrers (distribution spec 1.1, "Content Discovery"). */
export function listRoutes({ registry, inFlight }: Context): OciRoute[] {
  async function tags(c: HonoContext<Env>, { repository }: OciInput): Promise<Response> {
    const limit = Math.min(readLimit(c, 'tags') ?? maxTags, maxTags);
    const { tags: items, more } = await listTags(registry, repository, limit, readQueryText(c, 'last'));
    const last = items[items.length - 1];
    if (more && last !== undefined) setNextLink(c, { n: String(limit), last });
    return c.json({ name: repository.full, tags: items });
  }

  async function referrers(c: HonoContext<Env>, { repository, identifier }: OciInput): Promise<Response> {
    const subject = parseDigest(identifier);
    const artifactType = readQueryText(c, 'artifactType') || undefined;
    const last = readQueryText(c, 'last');
    const page = await inFlight.make(
      repository.space,
      () => listReferrers(registry, repository, subject, artifactType, last),
      c.env?.outgoing,
    );
    const end = page.referrers[page.referrers.length - 1];
    if (page.more && end) setNextLink(c, { ...(artifactType ? { artifactType } : {}), last: end.digest });
    if (artifactType) c.header('OCI-Filters-Applied', 'artifactType');
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: page.referrers };
    return sendText(c, JSON.stringify(index), mediaTypes.index);
  }

  return [
    { method: 'GET', kind: 'tags', access: { right: 'chart.read' }, handle: tags },
    { method: 'GET', kind: 'referrers', access: { right: 'chart.read' }, handle: referrers },
  ];
}

/** Route of the list of repositories, which Docker's registries have and many tools read. */
export function catalogRoute({ registry }: Context): OciRootRoute {
  async function catalog(c: HonoContext<Env>): Promise<Response> {
    const limit = Math.min(readLimit(c, 'repositories') ?? maxRepositories, maxRepositories);
    const deps = withActor(c, registry);
    const { repositories, more } = await listRepositories(deps, limit, readQueryText(c, 'last'));
    const last = repositories[repositories.length - 1];
    if (more && last !== undefined) setNextLink(c, { n: String(limit), last });
    return sendJson(c, { repositories });
  }

  return {
    method: 'GET',
    path: '_catalog',
    access: { right: 'chart.read', checkedBy: 'handler' },
    handle: catalog,
  };
}

/** Reads a query parameter as text. A NUL is refused, because PostgreSQL's text cannot contain one. */
function readQueryText(c: HonoContext<Env>, parameter: string): string {
  const value = c.req.query(parameter) ?? '';
  if (!value.includes('\0')) return value;
  throw new RegistryError('request.invalid', `${parameter} has a NUL.`, { parameter });
}

function readLimit(c: HonoContext<Env>, noun: string): number | undefined {
  const value = c.req.query('n') ?? '';
  if (value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new RegistryError('request.invalid', `n is ${value}: expected a number of ${noun}.`, {
    parameter: 'n',
  });
}

/** Sets the `Link` to the next page (RFC 8288), relative to the host, as clients expect it. */
function setNextLink(c: HonoContext<Env>, query: Record<string, string>): void {
  c.header('Link', `<${c.req.path}?${new URLSearchParams(query)}>; rel="next"`);
}
