import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { WhoAmI } from '../types/access.ts';

/** Reads who the caller is, and what it may do. */
export function readWhoAmI(transport: Transport, options?: CallOptions): Promise<WhoAmI> {
  return transport.json({ ...options, path: '/api/v1/whoami' });
}

/** Changes the password of the caller. Sessions, jobs and follows that were begun with it end; tokens stay. */
export function changePassword(
  transport: Transport,
  passwords: { old: string; new: string },
  options?: CallOptions,
): Promise<void> {
  const call = { ...options, method: 'PUT', path: '/api/v1/whoami/password' } as const;
  // A second time the old password would be wrong.
  return transport.done({ ...call, body: jsonBody(passwords), isRepeatable: false });
}
