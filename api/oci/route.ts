import type { Context as HonoContext } from 'hono';
import type { RepositoryRef } from '../../core/oci/names.ts';
import type { Env } from '../http/env.ts';

/** What a request to a repository is about. */
export interface OciInput {
  repository: RepositoryRef;
  /** What follows the last fixed part of the path: a digest, a tag, the id of an upload; '' where nothing does. */
  identifier: string;
}

/** One method of one kind of path below a repository. */
export interface OciRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  kind: 'uploads' | 'upload' | 'blob' | 'manifest' | 'tags' | 'referrers';
  handle: (c: HonoContext<Env>, input: OciInput) => Response | Promise<Response>;
}
