import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressGuard } from './guard.ts';

/** Resolves a host name to all its addresses. */
export type ResolveHostname = (hostname: string) => Promise<LookupAddress[]>;

/** Code of the error of a connection to a refused address. */
export const addressRefusedCode = 'ADDRESS_REFUSED';

/**
 * Creates the connector of an undici dispatcher that connects only to addresses the guard allows. The socket gets the
 * very addresses that the guard checked, so a name that changes a moment later is not a way around it. Of a name's
 * addresses only the allowed ones are tried.
 * @param timeoutMs for name lookup, connection and TLS handshake together
 */
export function createConnector(
  guard: AddressGuard,
  timeoutMs: number,
  resolve: ResolveHostname,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    autoSelectFamily: true,
    // Node's 250 ms would abandon distant addresses while there is another one to try.
    autoSelectFamilyAttemptTimeout: 1000,
    lookup: createLookup(guard, resolve),
  });
  return (options, callback) => {
    // A literal address is not looked up. URL parsing has normalized decimal, octal and hexadecimal spellings.
    if (isIP(options.hostname) !== 0 && !guard(options.hostname)) {
      callback(refusedAddressError(), null);
    } else {
      connect(options, callback);
    }
  };
}

/** Resolves names as the operating system does, with the hosts file, as other programs do. */
export const resolveBySystem: ResolveHostname = (hostname) => lookup(hostname, { all: true });

function createLookup(guard: AddressGuard, resolve: ResolveHostname): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const callable = found.filter(({ address }) => guard(address));
        const [first] = callable;
        if (first === undefined) callback(refusedAddressError(), []);
        else if (options.all) callback(null, callable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** Tells whether a connection failed because its address may not be called. */
export function isRefusedAddressError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === addressRefusedCode;
}

function refusedAddressError(): NodeJS.ErrnoException {
  return Object.assign(new Error('The address may not be called.'), { code: addressRefusedCode });
}
