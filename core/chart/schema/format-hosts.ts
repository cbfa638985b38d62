/** Reads a number as Go's `strconv.Atoi` does; NaN for texts that Go refuses. */
export function readInteger(text: string): number {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
}

/** Checks an IPv4 address. */
export function isIpv4(text: string): boolean {
  const groups = text.split('.');
  return (
    groups.length === 4 &&
    groups.every((group) => {
      const number = readInteger(group);
      return !/^0./.test(group) && number >= 0 && number <= 255;
    })
  );
}

/** Checks an IPv6 address without a zone, as Go's `netip.ParseAddr` does. */
export function isIpv6(text: string): boolean {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0 || !text.includes(':')) return false;
  const groups = [...groupsOf(left), ...groupsOf(right ?? '')];
  const last = groups.at(-1) ?? '';
  const hasIpv4 = last.includes('.');
  // An IPv4 address may stand at the very end, for two groups.
  if (hasIpv4 && (!/^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(last) || !isIpv4(last)))
    return false;
  const plain = hasIpv4 ? groups.slice(0, -1) : groups;
  if (hasIpv4 && text.endsWith('::')) return false;
  const length = plain.length + (hasIpv4 ? 2 : 0);
  if (!plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return right === undefined ? length === 8 : length < 8;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}

/** Checks a host name. */
export function isHostname(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  return (
    name.length <= 253 &&
    name.split('.').every((label) => /^[A-Za-z0-9-]{1,63}$/.test(label) && !/^-|-$/.test(label))
  );
}

/**
 * Checks an email address by the rules of `format.go`. An address has a local part, plain or quoted, and a host name
 * or an address.
 */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at === -1 || Buffer.byteLength(text) > 254) return false;
  const local = text.slice(0, at);
  if (Buffer.byteLength(local) > 64 || !isLocalPart(local)) return false;
  const domain = text.slice(at + 1);
  const literal = /^\[(.*)\]$/s.exec(domain)?.[1];
  if (literal === undefined) return isHostname(domain);
  return literal.startsWith('IPv6:') ? isIpv6(literal.slice(5)) : isIpv4(literal);
}

function isLocalPart(local: string): boolean {
  if (local.length > 1 && local.startsWith('"')) return !/["\\]/.test(local.slice(1, -1));
  return /^[A-Za-z0-9.!#$%&'*+\-/=?^_`{|}~]*$/.test(local) && !/^\.|\.$|\.\./.test(local);
}
