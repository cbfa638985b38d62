import type { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Actor, PreRoutingFacts, RightPlace } from '../../core/access/actor.ts';
import type { RegistryError } from '../../core/errors.ts';
import type { ResponseBody } from '../../core/read-cache/body.ts';
import type { WaitingClient } from '../../core/runtime/threads/fair-limiter.ts';
import type { RequestClient } from '../access/client.ts';

/** Parts of a challenge of the OCI interface that an error does not know. */
export interface RegistryChallenge {
  /** Absolute URL of the token endpoint, with the scheme and host that the client used. */
  realm: string;
  /** Scopes that the request needs, separated by blanks; absent for one that needs none. */
  scope?: string;
}

/** Types of the variables and bindings of Hono's contexts. */
export interface Env {
  Variables: {
    requestId: string;
    /** Actor that sent the request. */
    actor: Actor;
    /** Challenge of the OCI interface, should the request need credentials. */
    challenge?: RegistryChallenge;
    /** Name of the principal who sent the request, for the log; absent for anonymous and open access. */
    principal?: string;
    /** Error that the request was answered with. */
    error?: RegistryError;
    /** Pattern of the route where the router knows none; the router's own otherwise. */
    route?: string;
    /** Id of the job that the request created or waited for, for the log. */
    job?: string;
  };
  Bindings: Partial<HttpBindings> & {
    /** Remembers for the fast path how to read the response to this request. */
    rememberRead?: (read: ReadCachedBody) => void;
    /** Notes the pattern of the route that answers, for metrics. */
    noteRoute?: (path: string) => void;
    /** Notes the status for metrics; it is that of the response unless the client caused the error by disconnecting. */
    noteStatus?: (status: number) => void;
    /** Notes that the answer is a download. */
    noteDownload?: () => void;
    /** Sends a stream as the body of the response, in place of the body that the response has. */
    sendStream?: (stream: Readable) => void;
    /** Ends the stream that was to be sent: the request is answered with an error after all. */
    dropStream?: () => void;
    /** Counts a body as in flight until the client has it. */
    holdBody?: (body: ResponseBody) => void;
    /** Remembers the place that the request reads; the fast path asks for the right to read that each time. */
    rememberPlace?: (where: RightPlace) => void;
    /** Look at the sender, who may not have the answer from memory. */
    firstLook?: PreRoutingFacts | undefined;
    /** Client that sent the request; `clientAddress` and `registryBaseUrl` read it. */
    client?: RequestClient;
    /** Error that the request guard found; it is answered instead of the request. */
    refusal?: RegistryError;
  };
}
/** Hono application in which routes are mounted. */
export type App = OpenAPIHono<Env>;

/** Document that is ready to be sent. Without an ETag it is sent once and not remembered. */
export interface CachedBody {
  body: ResponseBody;
  etag: string | undefined;
  /** Content headers, type and encoding; sent with the body only. */
  contentHeaders: Record<string, string>;
  /** Headers that are sent with a 304 too. */
  headers: Record<string, string>;
  /** Id of the space that it was read from. Where access is guarded, the fast path sends no document without it. */
  spaceId?: number | undefined;
  /** Notes a download, once it is decided that the sender of the request gets the document, or knows it. */
  notePull?: (() => void) | undefined;
}

/**
 * Reads the current document; undefined for one that only the route can send. The client leaves the queue of documents
 * to be made when it disconnects.
 */
export type ReadCachedBody = (client?: WaitingClient) => Promise<CachedBody | undefined>;
