import { isBlank, isBreak } from '../parse/cursor.ts';
import type { AliasEvent, CollectionEvent, ScalarEvent, YamlDocument, YamlEvent } from '../parse/events.ts';
import { keyOf, readScalar } from '../parse/tags.ts';
import { endOfLine, indexLines, type Lines } from './lines.ts';

/** Place of a value in a text; offsets into the text. */
export interface Place {
  kind: 'scalar' | 'alias' | 'map' | 'list';
  /** In brackets or braces. */
  flow: boolean;
  tagged: boolean;
  /** Start of its tag or anchor, or of itself. */
  start: number;
  /** Start and end of itself; equal where nothing is written. */
  from: number;
  to: number;
  /** Whether it stands whole in the line that it begins in, so that another can be put there instead. */
  inline: boolean;
  /** Keys of a map. */
  entries: Entry[];
  /** Items of a list. */
  items: Item[];
}

/** Key of a map or item of a list, and the lines that it takes in a block collection. */
export interface Item {
  /** Start of the key, its tag and anchor included, or of the dash. */
  from: number;
  /** End of the value, comments behind it not counted. */
  to: number;
  lineStart: number;
  /** Start of the line after the last one of the value. */
  lineEnd: number;
  /** Spaces before it. */
  column: number;
  /** Whether something else stands before it in its line, such as the dash of the item that it belongs to. */
  shared: boolean;
  value: Place;
}

export interface Entry extends Item {
  key: string;
  /** Whether it is a merge key, `<<`. */
  merge: boolean;
  /** Written with a question mark. */
  explicit: boolean;
  /** Offset behind the colon, or behind the key where there is none. */
  colon: number;
}

/** Finds where the values of a document stand. @returns undefined where keys are not where they can be found again */
export function findLayout(text: string, document: YamlDocument): Place | undefined {
  const lines = indexLines(text);
  const reader: Reader = { text, lines, events: document.events, index: 0, keys: new Map() };
  return readPlace(reader);
}

interface Reader {
  text: string;
  lines: Lines;
  events: readonly YamlEvent[];
  index: number;
  /** Scalars that have an anchor, as keys. */
  keys: Map<string, string>;
}

function readPlace(reader: Reader): Place | undefined {
  const event = reader.events[reader.index++];
  if (!event || event.type === 'end') return undefined;
  const { text, lines } = reader;
  const place: Place = {
    kind: event.type,
    flow: false,
    tagged: event.type !== 'alias' && event.tag !== '',
    start: event.type === 'alias' ? event.from : event.start,
    from: event.from,
    to: event.from,
    inline: false,
    entries: [],
    items: [],
  };
  if (event.type === 'alias' || event.type === 'scalar') {
    if (event.type === 'scalar' && event.anchor !== '') noteKey(reader, event);
    place.to = endOfScalar(event, text);
    const block = event.type === 'scalar' && (event.style === 'literal' || event.style === 'folded');
    place.inline = !block && lines.endOf(place.start) >= place.to;
    return place;
  }
  place.flow = event.flow;
  const end = event.type === 'list' ? readItems(reader, event, place) : readEntries(reader, event, place);
  if (end === undefined) return undefined;
  place.to = event.flow ? end : ((place.items.at(-1) ?? place.entries.at(-1))?.to ?? place.from);
  place.inline = event.flow && lines.endOf(place.start) >= place.to;
  return place;
}

/** Blank lines below a block scalar belong to what follows, unless it keeps them. */
function endOfScalar(event: ScalarEvent | AliasEvent, text: string): number {
  if (event.type === 'alias' || (event.style !== 'literal' && event.style !== 'folded')) return event.to;
  const lines = text.slice(event.from, event.to);
  return /^.[0-9]?\+/.test(lines) ? event.to : event.from + lines.trimEnd().length;
}

function noteKey(reader: Reader, event: ScalarEvent): void {
  reader.keys.set(event.anchor, keyOf(readScalar(event, event.from)) ?? '');
}

/** @returns the end of the list */
function readItems(reader: Reader, { flow, from }: CollectionEvent, place: Place): number | undefined {
  const { text } = reader;
  let at = from;
  for (;;) {
    const event = reader.events[reader.index];
    if (event?.type === 'end') {
      reader.index++;
      return event.to;
    }
    const value = readPlace(reader);
    if (!value) return undefined;
    const dash = flow ? value.start : text.indexOf('-', skipAside(text, at));
    if (dash < 0 || dash > value.start) return undefined;
    const item = createItem(reader, dash, Math.max(value.to, flow ? 0 : dash + 1), value);
    place.items.push(item);
    at = item.to;
  }
}

/** @returns the end of the map */
function readEntries(reader: Reader, { flow }: CollectionEvent, place: Place): number | undefined {
  for (;;) {
    const event = reader.events[reader.index++];
    if (event?.type === 'end') return event.to;
    const key = event && readKey(reader, event);
    const value = key && readPlace(reader);
    if (!value) return undefined;
    const { text } = reader;
    const colon = findColon(text, key.to);
    if (colon === undefined && !flow) return undefined;
    const to = Math.max(value.from < value.to || value.start < value.from ? value.to : 0, colon ?? key.to);
    place.entries.push({ ...key, ...createItem(reader, key.from, to, value), colon: colon ?? key.to });
  }
}

type Key = Pick<Entry, 'key' | 'merge' | 'explicit' | 'from' | 'to'>;

function readKey(reader: Reader, event: YamlEvent): Key | undefined {
  const { text } = reader;
  if (event.type !== 'scalar' && event.type !== 'alias') return undefined;
  const start = event.type === 'alias' ? event.from : event.start;
  if (event.type === 'scalar' && event.anchor !== '') noteKey(reader, event);
  const key = event.type === 'alias' ? reader.keys.get(event.name) : keyOf(readScalar(event, event.from));
  const merge =
    event.type === 'scalar' &&
    event.value === '<<' &&
    (event.implicit || event.tag === 'tag:yaml.org,2002:merge');
  if (key === undefined && !merge) return undefined;
  let before = start - 1;
  while (isBlank(text.charCodeAt(before))) before--;
  const explicit = before < start - 1 && text[before] === '?';
  const from = explicit ? before : start;
  return { key: key ?? '<<', merge, explicit, from, to: endOfScalar(event, text) };
}

function findColon(text: string, from: number): number | undefined {
  const at = skipAside(text, from);
  return text[at] === ':' ? at + 1 : undefined;
}

/** Skips spaces, line breaks and comments. */
export function skipAside(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 35) at = endOfLine(text, at);
    else if (!isBlank(char) && !isBreak(char)) break;
  }
  return at;
}

function createItem({ text, lines }: Reader, from: number, to: number, value: Place): Item {
  const lineStart = lines.startOf(from);
  const shared = !lines.isFirst(from);
  // A block scalar that keeps its line breaks ends where a line begins.
  const whole = to > from && isBreak(text.charCodeAt(to - 1));
  const end = whole ? to : lines.endOf(to);
  const lineEnd = whole
    ? to
    : end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : end < text.length ? 1 : 0);
  return { from, to, lineStart, lineEnd, column: from - lineStart, shared, value };
}
