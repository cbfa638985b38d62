import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { RegistryError } from '../../core/errors.ts';

export interface Env {
  Variables: {
    requestId: string;
    /** The job that the request has made, or was told of, for the log. */
    job?: string;
  };
  Bindings: Partial<HttpBindings> & {
    /** Remembers what to read when the request comes again. */
    rememberRead?: (read: ReadCachedBody) => void;
    /** Counts a body until its client has it. */
    holdBody?: (body: Uint8Array) => void;
    /** The error that the request guard found, to be answered instead of the request. */
    refusal?: RegistryError;
  };
}
export type App = OpenAPIHono<Env>;

/** A document that is ready to be sent, and what is sent with it; without an ETag there is nothing that it could be named by. */
export interface CachedBody {
  body: Uint8Array<ArrayBuffer>;
  etag: string | undefined;
  /** How the bytes are to be read: type and encoding. */
  contentHeaders: Record<string, string>;
  /** What is said to whoever has them, too. */
  headers: Record<string, string>;
}

/** Gives the document as it is now. */
export type ReadCachedBody = () => Promise<CachedBody>;
