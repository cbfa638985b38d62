import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { NewToken, ShownToken, Token, TokenFilter, TokenRotation } from '../types/access.ts';

/** Tokens of the caller, and by their id all that the caller may manage. */
export interface TokensClient {
  /** Tokens of the caller, or of everybody for admins, the newest first. */
  list(filter?: TokenFilter & { of?: 'self' | 'all' }, options?: CallOptions): List<Token>;
  /** Creates a token, whose text is shown this once. */
  create(wanted: NewToken, options?: CallOptions): Promise<ShownToken>;
  get(id: string, options?: CallOptions): Promise<Token>;
  /** Revokes a token, and those that were made with it. */
  revoke(id: string, options?: CallOptions): Promise<void>;
  /** Gives a token a new secret and a new end. */
  rotate(id: string, wanted?: TokenRotation, options?: CallOptions): Promise<ShownToken>;
}

/** Creates the client of tokens. */
export function createTokens(transport: Transport): TokensClient {
  const path = '/api/v1/tokens';
  const pathOf = (id: string) => `${path}/${encodeSegment(id)}`;
  return {
    list: (filter, options) => createList(transport, { ...options, path, query: { ...filter } }),
    create: (wanted, options) => transport.json({ ...options, method: 'POST', path, body: jsonBody(wanted) }),
    get: (id, options) => transport.json({ ...options, path: pathOf(id) }),
    revoke: (id, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(id) }),
    rotate: (id, wanted = {}, options) =>
      transport.json({ ...options, method: 'POST', path: `${pathOf(id)}/rotate`, body: jsonBody(wanted) }),
  };
}
