import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import {
  type Address,
  type AddressRange,
  isAddressInRange,
  parseAddressRange,
} from '../runtime/addresses.ts';

/** Tells whether a webhook may be sent to an address, as DNS or a socket spells it. */
export type AddressGuard = (address: string) => boolean;

/** Global unicast range of IPv6 (RFC 4291 section 2.4, IANA's registry). */
const publicIPv6: AddressRange = [ipaddr.IPv6.parse('2000::'), 3];
/** NAT64 prefix of RFC 6052. RFC 8215's is for local use and hides where the IPv4 address is: never public. */
const nat64: AddressRange = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * Creates the guard: public unicast addresses, and those in `allowed` ranges, may be called. An IPv6 address
 * with an IPv4 address inside (mapped, NAT64, 6to4, Teredo) is checked by the inner one, where the packets end.
 * Unreadable addresses are refused.
 * @param allowed ranges as `address/bits`, IPv4 or IPv6
 * @throws Error with the range that cannot be parsed
 */
export function createGuard(allowed: readonly string[]): AddressGuard {
  const ranges = allowed.map(parseAddressRange);
  return (address) => isIP(address) !== 0 && isCallable(ipaddr.parse(address), ranges);
}

function isCallable(address: Address, ranges: readonly AddressRange[]): boolean {
  if (ranges.some((range) => isAddressInRange(address, range))) return true;
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  const inner = embeddedIPv4In(address);
  if (inner.length > 0) return inner.every((ipv4) => isCallable(ipv4, ranges));
  return isAddressInRange(address, publicIPv6) && address.range() === 'unicast';
}

/** Returns the IPv4 addresses inside an IPv6 address; none for an ordinary one. */
function embeddedIPv4In(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const range = address.range();
  if (range === 'ipv4Mapped' || range === 'rfc6145' || isAddressInRange(address, nat64))
    return [ipv4At(address, 12)];
  if (range === '6to4') return [ipv4At(address, 2)];
  // RFC 4380 section 4: the server's address, then the client's with all bits inverted.
  if (range === 'teredo') return [ipv4At(address, 4), ipv4At(address, 12, 0xff)];
  return [];
}

function ipv4At(address: ipaddr.IPv6, start: number, mask = 0): ipaddr.IPv4 {
  const octets = address.toByteArray().slice(start, start + 4);
  return new ipaddr.IPv4(octets.map((octet) => octet ^ mask));
}
