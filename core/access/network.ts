import { isIPv4, isIPv6 } from 'node:net';

/** Groups of 16 bits that name the network of an IPv6 address: a subscriber has a /64 at least. */
const networkGroups = 4;

/**
 * Names the network of a client, whose failed log-ins count together: an IPv4 address, or the /64 of an IPv6 address.
 * @param address as the socket or a trusted proxy tells it; anything else is a network of its own
 */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/s, '');
  const mapped = bare.replace(/^::ffff:/i, '');
  if (isIPv4(mapped)) return mapped;
  return isIPv6(bare) ? `${expand(bare).slice(0, networkGroups).join(':')}::/64` : bare;
}

/** Returns the eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  // The URL parser writes every spelling in one way, the dotted form of the last groups included.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const first = toGroups(head);
  const last = toGroups(tail ?? '');
  return [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
}

function toGroups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
