import { listRouteAccess } from '../../../api/access/declared-routes.ts';
import type { RouteAccess } from '../../../api/access/route-access.ts';
import { createApp } from '../../../api/app.ts';
import { listOciRootRoutes, listOciRoutes } from '../../../api/oci/mount.ts';
import type { Context } from '../../../core/context.ts';
import { space } from './callers.ts';

/** Request to a route, made from the table of routes. */
export interface Case {
  /** Route as the table has it, such as `GET /api/v1/jobs/:id`. */
  route: string;
  method: string;
  path: string;
  access: RouteAccess;
  /** Chart that the request is about, if it names one. */
  chart?: string;
}

/** Things that requests of the matrix are about. */
export interface Things {
  jobId: string;
  /** Digest of the chart's archive. */
  blob: string;
}

/** Paths of routes for which a request needs more than the values of its path parameters. */
const moreRequests: Record<string, readonly string[]> = {
  'GET /api/v1/search': ['?q=web', `?q=web&space=${space}`],
  'GET /api/v1/audit': ['', `?space=${space}`],
  'GET /api/v1/jobs/events': ['', `?space=${space}`],
};

/** Lists requests for each route of each interface. */
export function listCases(context: Context, { jobId, blob }: Things): Case[] {
  const routes = listRouteAccess(createApp(context).routes).filter(({ method }) => method !== 'ALL');
  const values: Record<string, string> = {
    space,
    chart: 'web',
    version: '1.0.0',
    other: '1.0.0',
    path: 'templates/a.yaml',
    id: jobId,
  };
  const http = routes.flatMap(({ method, path, access }): Case[] => {
    const filled = path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_, name: string) =>
      name === 'file'
        ? path.startsWith('/docs')
          ? 'swagger-ui.css'
          : 'web-1.0.0.tgz'
        : (values[name] ?? 'x'),
    );
    const route = `${method} ${path}`;
    // Where the handler knows the chart, the path names it by a file at the most.
    const namesChart = 'chart' in access ? path.endsWith('/charts/:file') : path.includes('/:chart');
    const chart = namesChart ? { chart: 'web' } : {};
    const queries = moreRequests[route] ?? [''];
    return queries.map((query) => ({ route, method, access, ...chart, path: `${filled}${query}` }));
  });
  const ends: Record<string, string> = {
    uploads: 'blobs/uploads/',
    upload: `blobs/uploads/${'0'.repeat(36)}`,
    blob: `blobs/${blob}`,
    manifest: 'manifests/1.0.0',
    tags: 'tags/list',
    referrers: `referrers/${blob}`,
  };
  const oci = listOciRoutes(context).map(({ method, kind, access }) => ({
    route: `${method} /v2/{name}/${kind}`,
    method,
    access,
    chart: 'web',
    path: `/v2/${space}/web/${ends[kind]}`,
  }));
  const ociRoot = listOciRootRoutes(context).map(({ method, path, access }) => ({
    route: `${method} /v2/${path}`,
    method,
    access,
    path: `/v2/${path}`,
  }));
  return [...http, ...oci, ...ociRoot];
}

/** Turns a deletion to something that is absent. An allowed one leaves the next cases their charts. */
export function harmless({ method, path }: Case): string {
  if (method !== 'DELETE') return path;
  return path
    .replace('/web/manifests/1.0.0', '/web/manifests/9.9.9')
    .replace('/charts/web', '/charts/web-gone');
}
