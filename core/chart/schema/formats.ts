import { splitPointer } from '../../yaml/json-pointer.ts';
import type { Budget } from './budget.ts';
import { isEmail, isHostname, isIpv4, isIpv6 } from './format-hosts.ts';
import { isDate, isDateTime, isDuration, isPeriod, isTime } from './format-times.ts';
import { isPattern } from './pattern.ts';
import { hostOf, parseUri, type Uri } from './uri.ts';

/** A format of texts, by name; values of other types always have it. */
export interface Format {
  name: string;
  isValid(text: string, budget: Budget): boolean;
}

/** Formats of santhosh-tekuri/jsonschema v6 (`format.go`); other formats are not asserted. */
const knownFormats: Readonly<Record<string, Format['isValid']>> = {
  regex: isPattern,
  'json-pointer': isPointer,
  'relative-json-pointer': isRelativePointer,
  uuid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  duration: isDuration,
  period: isPeriod,
  ipv4: isIpv4,
  ipv6: isIpv6,
  hostname: isHostname,
  email: isEmail,
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  uri: isUri,
  iri: isUri,
  'uri-reference': isUriReference,
  'iri-reference': isUriReference,
  'uri-template': isUriTemplate,
  semver: isSemver,
};

/** Finds a format by its name; undefined if it is not asserted. */
export function findFormat(name: string): Format | undefined {
  const isValid = Object.hasOwn(knownFormats, name) ? knownFormats[name] : undefined;
  return isValid && { name, isValid };
}

function isPointer(text: string): boolean {
  return (text === '' || text.startsWith('/')) && splitPointer(text) !== undefined;
}

function isRelativePointer(text: string): boolean {
  const [digits] = /^(?:0|[1-9][0-9]*)(?![0-9])/.exec(text) ?? [];
  if (digits === undefined) return false;
  const rest = text.slice(digits.length);
  return rest === '#' || isPointer(rest);
}

function parseUrl(text: string): Uri | undefined {
  const [start = '', ...fragments] = text.split('#');
  const uri = parseUri(start);
  if (!uri || /%(?![0-9A-Fa-f]{2})/.test(fragments.join('#'))) return undefined;
  const host = hostOf(uri);
  const isBracketed = uri.authority?.includes('[') && uri.authority.includes(']');
  return host.includes(':') && !(isBracketed && isIpv6(host)) ? undefined : uri;
}

function isUri(text: string): boolean {
  const uri = parseUrl(text);
  return uri !== undefined && uri.scheme !== '';
}

function isUriReference(text: string): boolean {
  return !text.includes('\\') && parseUrl(text) !== undefined;
}

function isUriTemplate(text: string): boolean {
  const uri = parseUrl(text);
  if (!uri) return false;
  // Go keeps a path as it is written, and checks it, only if encoding it again would change it.
  if (encodePath(decodeLoosely(uri.path)) === uri.path) return true;
  return uri.path.split('/').map(decodeLoosely).every(hasPairedBraces);
}

/** Encodes a path as Go's net/url does. */
function encodePath(path: string): string {
  return encodeURIComponent(path.replace(/\p{Surrogate}/gu, '\uFFFD'))
    .replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hasPairedBraces(part: string): boolean {
  return /^\{(?:\}\{)*\}$|^$/.test(part.replace(/[^{}]/g, ''));
}

function decodeLoosely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function isSemver(text: string): boolean {
  const [, version = '', pre, build] = /^([^+-]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(text) ?? [];
  const identifiers = (part: string | undefined, pattern: RegExp) =>
    part === undefined || part.split('.').every((identifier) => pattern.test(identifier));
  return (
    /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}$/.test(version) &&
    identifiers(pre, /^(?!0[0-9]+$)[0-9A-Za-z-]+$/) &&
    identifiers(build, /^[0-9A-Za-z-]+$/)
  );
}
