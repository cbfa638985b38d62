import { isBlank, isBreak } from '../parse/cursor.ts';
import type { AliasEvent, CollectionEvent, EventDocument, ScalarEvent, YamlEvent } from '../parse/events.ts';
import { mapKeyOf, resolveTaggedScalar } from '../parse/tags.ts';
import { endOfLine, indexLines, type LineIndex } from './lines.ts';

/** Place of a value in a text; numbers are offsets. */
export interface ValuePlace {
  kind: 'scalar' | 'alias' | 'map' | 'list';
  /** Whether it is a list or map in brackets or braces. */
  flow: boolean;
  tagged: boolean;
  /** Start of the value's tag or anchor, or of the value without these. */
  start: number;
  /** Start of the value. */
  from: number;
  /** End of the value; equals `from` for an empty one. */
  to: number;
  /** Whether the value ends in the line in which it begins, so that another short value can replace it. */
  inline: boolean;
  /** Keys of a map. */
  entries: Entry[];
  /** Items of a list. */
  items: Item[];
}

/** Key of a map or item of a list, with its lines in a block collection. */
export interface Item {
  /** Start of the key, its tag and anchor included, or of the dash. */
  from: number;
  /** End of the value, without a comment behind it. */
  to: number;
  lineStart: number;
  /** Start of the line after the last one of the value. */
  lineEnd: number;
  /** Column of `from`, counted from 0. */
  column: number;
  /** Whether other text stands before it in its line, such as the dash of the item that contains it. */
  sharesLine: boolean;
  value: ValuePlace;
}

/** Key of a map with its value. */
export interface Entry extends Item {
  key: string;
  /** Whether the key is a merge key, `<<`. */
  merge: boolean;
  /** Whether the key has a question mark. */
  explicit: boolean;
  /** Start and end of the key without its tag, anchor and question mark. */
  keyFrom: number;
  keyTo: number;
  /** Offset behind the colon, or behind the key where there is no colon. */
  colon: number;
}

/**
 * Finds the places of a document's values.
 * @returns undefined where the text has a key that the events do not allow to find
 */
export function findLayout(text: string, document: EventDocument): ValuePlace | undefined {
  const lines = indexLines(text);
  const reader: Reader = { text, lines, events: document.events, index: 0, keys: new Map() };
  return readValuePlace(reader);
}

interface Reader {
  text: string;
  lines: LineIndex;
  events: readonly YamlEvent[];
  index: number;
  /** Scalars with an anchor, as keys, by the anchor's name. */
  keys: Map<string, string>;
}

function readValuePlace(reader: Reader): ValuePlace | undefined {
  const event = reader.events[reader.index++];
  if (!event || event.type === 'end') return undefined;
  const { text, lines } = reader;
  const place: ValuePlace = {
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
    if (event.type === 'scalar' && event.anchor !== '') recordAnchorKey(reader, event);
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

/** Returns the end of a scalar or alias. Blank lines below a block scalar are left out unless it keeps them (`+`). */
function endOfScalar(event: ScalarEvent | AliasEvent, text: string): number {
  if (event.type === 'alias' || (event.style !== 'literal' && event.style !== 'folded')) return event.to;
  const lines = text.slice(event.from, event.to);
  return /^.[0-9]?\+/.test(lines) ? event.to : event.from + lines.trimEnd().length;
}

function recordAnchorKey(reader: Reader, event: ScalarEvent): void {
  reader.keys.set(event.anchor, mapKeyOf(resolveTaggedScalar(event, event.from)) ?? '');
}

/**
 * Reads the items of a list into its place.
 * @returns the end of the list
 */
function readItems(reader: Reader, { flow, from }: CollectionEvent, place: ValuePlace): number | undefined {
  const { text } = reader;
  let at = from;
  for (;;) {
    const event = reader.events[reader.index];
    if (event?.type === 'end') {
      reader.index++;
      return event.to;
    }
    const value = readValuePlace(reader);
    if (!value) return undefined;
    const dash = flow ? value.start : text.indexOf('-', skipSpaceAndComments(text, at));
    if (dash < 0 || dash > value.start) return undefined;
    const item = createItem(reader, dash, Math.max(value.to, flow ? 0 : dash + 1), value);
    place.items.push(item);
    at = item.to;
  }
}

/**
 * Reads the entries of a map into its place.
 * @returns the end of the map
 */
function readEntries(reader: Reader, { flow }: CollectionEvent, place: ValuePlace): number | undefined {
  for (;;) {
    const event = reader.events[reader.index++];
    if (event?.type === 'end') return event.to;
    const key = event && readKey(reader, event);
    const value = key && readValuePlace(reader);
    if (!value) return undefined;
    const { text } = reader;
    const colon = findColon(text, key.keyTo);
    if (colon === undefined && !flow) return undefined;
    const to = Math.max(value.from < value.to || value.start < value.from ? value.to : 0, colon ?? key.keyTo);
    place.entries.push({ ...key, ...createItem(reader, key.from, to, value), colon: colon ?? key.keyTo });
  }
}

type KeyPlace = Pick<Entry, 'key' | 'merge' | 'explicit' | 'from' | 'keyFrom' | 'keyTo'>;

function readKey(reader: Reader, event: YamlEvent): KeyPlace | undefined {
  const { text } = reader;
  if (event.type !== 'scalar' && event.type !== 'alias') return undefined;
  const start = event.type === 'alias' ? event.from : event.start;
  if (event.type === 'scalar' && event.anchor !== '') recordAnchorKey(reader, event);
  const key =
    event.type === 'alias' ? reader.keys.get(event.name) : mapKeyOf(resolveTaggedScalar(event, event.from));
  const merge =
    event.type === 'scalar' &&
    event.value === '<<' &&
    (event.implicit || event.tag === 'tag:yaml.org,2002:merge');
  if (key === undefined && !merge) return undefined;
  let before = start - 1;
  while (isBlank(text.charCodeAt(before))) before--;
  const explicit = before < start - 1 && text[before] === '?';
  const from = explicit ? before : start;
  return { key: key ?? '<<', merge, explicit, from, keyFrom: event.from, keyTo: endOfScalar(event, text) };
}

function findColon(text: string, from: number): number | undefined {
  const at = skipSpaceAndComments(text, from);
  return text[at] === ':' ? at + 1 : undefined;
}

/** Skips spaces, line breaks and comments. */
export function skipSpaceAndComments(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 35) at = endOfLine(text, at);
    else if (!isBlank(char) && !isBreak(char)) break;
  }
  return at;
}

function createItem({ text, lines }: Reader, from: number, to: number, value: ValuePlace): Item {
  const lineStart = lines.startOf(from);
  const sharesLine = !lines.isFirst(from);
  // A block scalar that keeps its line breaks ends at the start of a line.
  const whole = to > from && isBreak(text.charCodeAt(to - 1));
  const end = whole ? to : lines.endOf(to);
  const lineEnd = whole
    ? to
    : end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : end < text.length ? 1 : 0);
  return { from, to, lineStart, lineEnd, column: from - lineStart, sharesLine, value };
}
