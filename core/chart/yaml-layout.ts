import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import { resolveScalar } from './yaml-scalar.ts';

/** A key of a block map and the lines that it takes; offsets into the text. */
export interface Entry {
  key: string;
  /** Start of the line that the key stands in. */
  lineStart: number;
  /** Spaces before the key. */
  column: number;
  /** Offset after the colon. */
  colon: number;
  /** Start of the line after the last one of the value, comments and blank lines below it not counted. */
  lineEnd: number;
  /** A value that stands in the key's line whole, quotes included, or nothing at all after the colon. */
  inline: { start: number; end: number } | undefined;
  /** Where the value is a block map itself. */
  entries: Entry[] | undefined;
}

/**
 * Finds the keys of the block maps of a text, as far as they can be edited line by line.
 *
 * @returns undefined where the text is laid out in another way: several documents, a map in braces, keys that are
 *   tagged, anchored, aliases or explicit.
 */
export function findEntries(text: string, events: readonly Event[]): Entry[] | undefined {
  const [document, root] = events;
  if (document?.type !== EVENT_ID.DOCUMENT || document.explicitEnd || document.directives.length > 0)
    return undefined;
  if (root?.type !== EVENT_ID.MAPPING || root.style !== COLLECTION_STYLE.BLOCK || root.tagStart >= 0)
    return undefined;
  const cursor = { index: 1 };
  const entries = readMap(text, events, cursor);
  return cursor.index === events.length - 1 && entries && setEnds(text, entries, text.length)
    ? entries
    : undefined;
}

type Cursor = { index: number };

/** Reads a block map from its opening event to behind its closing one; ends are offsets, not lines, yet. */
function readMap(text: string, events: readonly Event[], cursor: Cursor): Entry[] | undefined {
  const entries: Entry[] = [];
  cursor.index++;
  for (;;) {
    const key = events[cursor.index++];
    if (key?.type === EVENT_ID.POP) return entries;
    if (key?.type !== EVENT_ID.SCALAR) return undefined;
    const entry = readKey(text, key);
    if (!entry || !readValue(text, events, cursor, entry)) return undefined;
    entries.push(entry);
  }
}

function readKey(text: string, event: ScalarEvent): Entry | undefined {
  if (event.valueStart < 0 || event.tagStart >= 0 || event.anchorStart >= 0) return undefined;
  const plain = event.style === SCALAR_STYLE.PLAIN;
  const start = plain ? event.valueStart : event.valueStart - 1;
  let colon = plain ? event.valueEnd : event.valueEnd + 1;
  while (text[colon] === ' ') colon++;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  if (text[colon] !== ':' || text.slice(lineStart, start).trim() !== '') return undefined;
  const source = getScalarValue(text, event);
  const scalar = plain ? resolveScalar(source) : undefined;
  if (plain && (source === '<<' || !scalar || scalar.kind === 'null')) return undefined;
  const key = scalar?.kind === 'number' || scalar?.kind === 'bool' ? scalar.text : source;
  const end = colon + 1;
  return {
    key,
    lineStart,
    column: start - lineStart,
    colon: end,
    lineEnd: end,
    inline: undefined,
    entries: undefined,
  };
}

function readValue(text: string, events: readonly Event[], cursor: Cursor, entry: Entry): boolean {
  const event = events[cursor.index];
  if (event?.type === EVENT_ID.MAPPING && event.style === COLLECTION_STYLE.BLOCK && bare(event)) {
    entry.entries = readMap(text, events, cursor);
    return entry.entries !== undefined;
  }
  let depth = 0;
  do {
    const inner = events[cursor.index++];
    if (!inner) return false;
    if (inner.type === EVENT_ID.POP) depth--;
    else if (inner.type === EVENT_ID.MAPPING || inner.type === EVENT_ID.SEQUENCE) {
      depth++;
      entry.lineEnd = Math.max(entry.lineEnd, inner.start + 1);
    } else if (inner.type === EVENT_ID.ALIAS) entry.lineEnd = Math.max(entry.lineEnd, inner.anchorEnd);
    else if (inner.type === EVENT_ID.SCALAR)
      entry.lineEnd = Math.max(entry.lineEnd, endOfScalar(inner, text));
  } while (depth > 0);
  entry.inline = event ? findInline(text, event, entry) : undefined;
  return true;
}

function bare(event: { tagStart: number; anchorStart: number }): boolean {
  return event.tagStart < 0 && event.anchorStart < 0;
}

function endOfScalar(event: ScalarEvent, text: string): number {
  if (event.style === SCALAR_STYLE.PLAIN) return event.valueEnd;
  if (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED)
    return event.valueEnd + 1;
  // Blank lines below a block scalar belong to what follows.
  return event.valueStart + text.slice(event.valueStart, event.valueEnd).trimEnd().length;
}

function findInline(text: string, event: Event, entry: Entry): Entry['inline'] {
  if (event.type === EVENT_ID.SCALAR && bare(event)) {
    if (event.valueStart < 0) return { start: entry.colon, end: entry.colon };
    const quote = event.style === SCALAR_STYLE.PLAIN ? 0 : 1;
    const range = { start: event.valueStart - quote, end: event.valueEnd + quote };
    const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    return block || text.slice(entry.colon, range.end).includes('\n') ? undefined : range;
  }
  if ((event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) || !bare(event)) return undefined;
  const empty = /^(?:\{ *\}|\[ *\])/.exec(text.slice(event.start, event.start + 40))?.[0];
  if (!empty || text.slice(entry.colon, event.start).includes('\n')) return undefined;
  return { start: event.start, end: event.start + empty.length };
}

/** Makes ends of lines of the ends of values: up to the next key, without the comments and blank lines above it. */
function setEnds(text: string, entries: Entry[], bound: number): boolean {
  for (const [index, entry] of entries.entries()) {
    const limit = entries[index + 1]?.lineStart ?? bound;
    if (limit < entry.colon) return false;
    if (entry.entries) {
      if (!setEnds(text, entry.entries, limit)) return false;
      entry.lineEnd = entry.entries.at(-1)?.lineEnd ?? entry.lineEnd;
      continue;
    }
    let end = limit;
    while (end > entry.lineEnd) {
      const lineStart = text.lastIndexOf('\n', end - 2) + 1;
      if (lineStart <= entry.lineEnd - 1 || !/^\s*(?:#.*)?\s*$/.test(text.slice(lineStart, end))) break;
      end = lineStart;
    }
    entry.lineEnd = end;
  }
  return true;
}
