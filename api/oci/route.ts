import type { Context as HonoContext } from 'hono';
import type { RepositoryRef } from '../../core/oci/names.ts';
import type { RouteAccess } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';

/** Header of every response of the OCI interface. */
export const versionHeader = { 'Docker-Distribution-API-Version': 'registry/2.0' };

/** Parsed path of a request to a repository. */
export interface OciInput {
  repository: RepositoryRef;
  /** Digest, tag or upload id at the end of the path; empty for paths that end otherwise. */
  identifier: string;
}

/** Route of a path that names no repository: one method of it. */
export interface OciRootRoute {
  method: 'GET' | 'POST';
  access: RouteAccess;
  /** Path below `/v2/`. */
  path: '' | '_catalog' | 'token';
  handle: (c: HonoContext<Env>) => Response | Promise<Response>;
}

/** Route: one method of one kind of path below a repository. */
export interface OciRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  access: RouteAccess;
  kind: 'uploads' | 'upload' | 'blob' | 'manifest' | 'tags' | 'referrers';
  handle: (c: HonoContext<Env>, input: OciInput) => Response | Promise<Response>;
}
