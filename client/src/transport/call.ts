import type { Query } from './address.ts';
import type { CallOptions } from './options.ts';

/** Body of a request. */
export interface CallBody {
  content: string | Blob | FormData;
  /** Content type; a form brings its own. */
  type?: string;
}

/** Request of a resource. */
export interface Call extends CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the address of the registry, encoded. */
  path: string;
  query?: Query | undefined;
  body?: CallBody;
  headers?: Readonly<Record<string, string>>;
  /** Name of the request; the registry does once what comes twice under it. */
  idempotencyKey?: string;
  /** Whether a request that comes twice does what it does once, where method and key do not say so. */
  isRepeatable?: boolean;
}

/** Renders a JSON body. */
export function jsonBody(value: unknown): CallBody {
  return { content: JSON.stringify(value), type: 'application/json' };
}
