import type { Config } from '../../core/config/settings.ts';
import {
  type Address,
  isAddressInRange,
  parseAddressRange,
  readAddress,
  showAddress,
} from '../../core/runtime/addresses.ts';
import type { ClientRequest } from './client.ts';

/** Way of a request to the registry, as trusted proxies report it. */
export interface Forwarding {
  /** Address of the client; empty when the connection has gone. */
  address: string;
  /** Number of trusted proxies that the request came through. */
  proxies: number;
}

/** Reads the way of a request. */
export type ForwardingReader = (request: Pick<ClientRequest, 'socket' | 'headers'>) => Forwarding;

/**
 * Creates the reader of `X-Forwarded-For`. Each proxy appends the address that it saw. So the header is read from its
 * end, as long as trusted proxies wrote it. Addresses that a client put in front are not reached.
 */
export function createForwardingReader({ trustedProxies }: Pick<Config, 'trustedProxies'>): ForwardingReader {
  const ranges = trustedProxies.map(parseAddressRange);
  const isTrusted = (address: Address) => ranges.some((range) => isAddressInRange(address, range));

  return ({ socket, headers }) => {
    const { remoteAddress = '' } = socket;
    if (ranges.length === 0) return { address: withoutIpv4Mapping(remoteAddress), proxies: 0 };
    let client = readAddress(remoteAddress);
    if (!client) return { address: '', proxies: 0 };
    let proxies = 0;
    const reported = splitHeaderValues(headers['x-forwarded-for']);
    while (isTrusted(client)) {
      proxies += 1;
      const next = readReported(reported[reported.length - proxies]);
      if (!next) break;
      client = next;
    }
    return { address: showAddress(client), proxies };
  };
}

/**
 * Returns the value that the outermost trusted proxy wrote into a header. The header has a value for each proxy; one
 * that replaces the header leaves a single value.
 */
export function forwardedValue(header: string | string[] | undefined, proxies: number): string | undefined {
  if (proxies === 0) return undefined;
  const values = splitHeaderValues(header);
  return values[Math.max(0, values.length - proxies)];
}

function splitHeaderValues(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .map((value) => value.trim());
}

/** Reads an entry of `X-Forwarded-For`, which some proxies write with the client's port. */
function readReported(entry: string | undefined): Address | undefined {
  const [, inBrackets, plain] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(entry ?? '') ?? [];
  return readAddress(inBrackets ?? plain ?? entry ?? '');
}

/** Removes from a socket's address what `readAddress` would, without reading it: most registries trust no proxy. */
function withoutIpv4Mapping(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  return address.includes('%') ? address.replace(/%.*/, '') : address;
}
