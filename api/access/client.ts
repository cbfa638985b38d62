import type { IncomingMessage } from 'node:http';

/** Parts of a request that tell about its client. */
export type ClientRequest = Pick<IncomingMessage, 'socket' | 'url' | 'headers' | 'rawHeaders'>;

/** Reads where requests come from and how their clients address the registry. */
export interface ClientReader {
  /**
   * Returns the client's address: the peer's, or what a trusted proxy reports of it. Empty when the connection has gone.
   */
  addressOf(request: ClientRequest): string;
  /** Returns the host, with its port if it has one, that a trusted proxy reports as the client's. */
  forwardedHostOf(request: ClientRequest): string | undefined;
  /** Returns the address of the registry as the client uses it, such as `https://charts.example.com`. */
  baseUrlOf(request: ClientRequest): string;
}

/** Client of one request. */
export interface RequestClient {
  address: string;
  baseUrl(): string;
}
