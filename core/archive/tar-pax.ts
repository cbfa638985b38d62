/** Records of a pax header by key; texts have one character for each byte. */
export type PaxRecords = Map<string, string>;

/** Keys whose values may not hold NUL. */
const textKeys = new Set(['path', 'linkpath', 'uname', 'gname']);
const integerKeys = new Set(['uid', 'gid', 'size']);
const timeKeys = new Set(['atime', 'mtime', 'ctime']);

/**
 * Parses the `LENGTH key=value\n` records of a pax header as Go's archive/tar does.
 * The length counts the bytes of the record, its own digits included.
 * @returns undefined where Go's reader says `invalid tar header`
 */
export function parsePax(content: string): PaxRecords | undefined {
  const records: PaxRecords = new Map();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const length = space < 0 ? undefined : parseInteger(content.slice(at, space));
    if (length === undefined || length < 5 || at + length > content.length) return undefined;
    const end = at + length;
    // The record must reach beyond the space, to hold at least its line end.
    if (end <= space + 1 || content[end - 1] !== '\n') return undefined;
    const record = content.slice(space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals <= 0) return undefined;
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if ((textKeys.has(key) ? value : key).includes('\0')) return undefined;
    records.set(key, value);
    at = end;
  }
  return records;
}

/** Tells whether Go accepts all values when it applies records to an entry. Empty values are not checked. */
export function areValidPaxValues(records: PaxRecords): boolean {
  for (const [key, value] of records) {
    if (value === '') continue;
    if (integerKeys.has(key) && parseInteger(value) === undefined) return false;
    if (timeKeys.has(key) && !isTime(value)) return false;
  }
  return true;
}

/** Tells whether a record makes the entry a sparse file to any reader. */
export function isPaxSparse(records: PaxRecords): boolean {
  for (const key of records.keys()) if (key.startsWith('GNU.sparse.')) return true;
  return false;
}

/** Parses a decimal integer of 64 bits with an optional sign, as Go's strconv.ParseInt does. */
export function parseInteger(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  // BigInt compares longer texts exactly, because a value beyond 64 bits is an error in Go.
  if (text.length < 16) return Number(text);
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : undefined;
}

/** Tells whether a text is a time in seconds, with an optional fraction behind a point. */
function isTime(text: string): boolean {
  const point = text.indexOf('.');
  const seconds = point < 0 ? text : text.slice(0, point);
  return parseInteger(seconds) !== undefined && (point < 0 || /^[0-9]*$/.test(text.slice(point + 1)));
}
