import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Guard } from './guard.ts';

/** Finds every address of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** The `code` of the error with which a connection to a refused address fails. */
export const addressRefused = 'ADDRESS_REFUSED';

/**
 * Makes the connector of an undici dispatcher that connects to nothing the guard refuses. The addresses which the guard
 * saw are the ones that the socket is given, so a name that resolves to something else a moment later gains nothing.
 * Of a name with several addresses only those the guard lets through are tried.
 * @param timeoutMs for name, connection and TLS handshake together.
 */
export function createConnector(guard: Guard, timeoutMs: number, resolve: Resolve): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    autoSelectFamily: true,
    // Node's 250 ms would give up on far-away addresses while there is another one to try.
    autoSelectFamilyAttemptTimeout: 1000,
    lookup: createLookup(guard, resolve),
  });
  return (options, callback) => {
    // No lookup happens for a literal address. URL parsing has brought decimal, octal and hexadecimal ones to this form.
    if (isIP(options.hostname) !== 0 && !guard(options.hostname)) {
      callback(refuseAddress(), null);
    } else {
      connect(options, callback);
    }
  };
}

/** The resolver of the operating system: the hosts file counts, as it does for every other program. */
export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

function createLookup(guard: Guard, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const callable = found.filter(({ address }) => guard(address));
        const [first] = callable;
        if (first === undefined) callback(refuseAddress(), []);
        else if (options.all) callback(null, callable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** Whether a connection failed because its address may not be called. */
export function isAddressRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === addressRefused;
}

function refuseAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('The address may not be called.'), { code: addressRefused });
}
