import { appendPointer } from '../../yaml/json-pointer.ts';
import type { ScalarEvent, YamlEvent } from '../../yaml/parse/events.ts';
import { parseDocument } from '../../yaml/parse/parse-document.ts';
import { splitDocuments } from '../../yaml/parse/split-documents.ts';
import { keyOf, readScalar } from '../../yaml/parse/tags.ts';

/** Lines of the keys of a values.yaml. */
export interface KeyLines {
  /**
   * Finds the line, from 1 on, of the key of a pointer.
   * Behind an alias or a merge key it is the line of the nearest key above, which repeats the value there.
   */
  lineOf(pointer: string): number | undefined;
}

/** List or map that the events are in; without a pointer its keys are not noted. */
interface Frame {
  pointer: string | undefined;
  isMap: boolean;
  /** Pointer of the value that comes next; undefined where a key comes next. */
  next: { pointer: string | undefined } | undefined;
}

/** Finds the keys of a text that was read before; in later documents they stand for those of earlier ones. */
export function findKeyLines(text: string): KeyLines {
  const offsets = new Map<string, number>();
  const merged = new Set<string>();
  for (const { text: part, start } of splitDocuments(text)) {
    const document = parseDocument(part);
    if (document) noteKeys(document.events, start, offsets, merged);
  }
  const lines = countLines(text);
  return {
    lineOf(pointer) {
      let found: number | undefined;
      for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        // A merge key may have replaced any key that stands before it in its map.
        found = merged.has(at) ? offsets.get(at) : (found ?? offsets.get(at));
      }
      return found === undefined ? undefined : lines(found);
    },
  };
}

function noteKeys(
  events: readonly YamlEvent[],
  start: number,
  offsets: Map<string, number>,
  merged: Set<string>,
): void {
  const frames: Frame[] = [];
  for (const event of events) {
    const frame = frames.at(-1);
    if (event.type === 'end') {
      frames.pop();
      continue;
    }
    if (frame?.isMap && !frame.next) {
      const key = event.type === 'scalar' ? nameOf(event) : undefined;
      const pointer =
        key === undefined || frame.pointer === undefined ? undefined : appendPointer(frame.pointer, key);
      frame.next = { pointer };
      if (pointer !== undefined) offsets.set(pointer, start + event.from);
      else if (frame.pointer !== undefined) merged.add(frame.pointer);
      continue;
    }
    const pointer = frame ? frame.next?.pointer : '';
    if (frame) frame.next = undefined;
    if (event.type === 'map') frames.push({ pointer, isMap: true, next: undefined });
    if (event.type === 'list') frames.push({ pointer: undefined, isMap: false, next: undefined });
  }
}

/** Returns the name of a key; undefined for a merge key. */
function nameOf(event: ScalarEvent): string | undefined {
  if (event.value === '<<' && (event.implicit || event.tag === 'tag:yaml.org,2002:merge')) return undefined;
  return keyOf(readScalar(event, event.from));
}

/** Makes the function that finds the line of an offset. */
function countLines(text: string): (offset: number) => number {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
