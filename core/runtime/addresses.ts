import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** IPv4 or IPv6 address. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Range of addresses: its first address and the bits of its prefix. */
export type AddressRange = [Address, number];

/**
 * Reads an address as a socket or header spells it. An IPv4 address that is mapped into IPv6 becomes the IPv4 address,
 * and a zone is left out. Both depend on how a socket was opened.
 * @returns undefined for text that is not an address
 */
export function readAddress(text: string): Address | undefined {
  if (isIP(text) === 0) return undefined;
  const address = ipaddr.parse(text.replace(/%.*/, ''));
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Writes an address in its one shortest form (RFC 5952). */
export function showAddress(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/**
 * Returns the network whose requests count together against limits. A network is one IPv4 address, or the /64 that an
 * IPv6 client has to itself.
 * @param address as `clientAddress` returns it
 */
export function networkOf(address: string): string {
  const read = readAddress(address);
  if (!read) return 'unknown';
  if (read instanceof ipaddr.IPv4) return `${read}/32`;
  return `${new ipaddr.IPv6([...read.parts.slice(0, 4), 0, 0, 0, 0]).toRFC5952String()}/64`;
}

/**
 * Returns the site of a network, which one client may have whole. The site of an IPv6 network is its /48, with 65,536
 * networks; that of an IPv4 address is the address.
 * @param network as `networkOf` returns it
 */
export function siteOf(network: string): string {
  const read = readAddress(network.replace(/\/.*/, ''));
  if (!(read instanceof ipaddr.IPv6)) return network;
  return `${new ipaddr.IPv6([...read.parts.slice(0, 3), 0, 0, 0, 0, 0]).toRFC5952String()}/48`;
}

/** Tells whether an address is in a range of its kind. */
export function isAddressInRange(address: Address, range: AddressRange): boolean {
  return range[0].kind() === address.kind() && address.match(range);
}

/**
 * Parses a range strictly: `010.0.0.0/8` would be 8.0.0.0/8 to some programs and 10.0.0.0/8 to others.
 * @throws {Error} that quotes a text which is not a range
 */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', bits = '', ...rest] = text.split('/');
  const maxPrefix = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > maxPrefix || rest.length > 0) {
    throw new Error(
      `"${text}" is not a range of addresses. Write address/bits, for example 10.0.0.0/8, fd00::/8 or, for one address, 192.168.1.5/32.`,
    );
  }
  const parsed = ipaddr.parse(address);
  // A mapped address is an IPv4 address, so a range of mapped ones means IPv4.
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && Number(bits) >= 96) {
    return [parsed.toIPv4Address(), Number(bits) - 96];
  }
  return [parsed, Number(bits)];
}
