import { appendPointer } from '../../yaml/json-pointer.ts';
import { constructDocument } from '../../yaml/parse/construct.ts';
import type { ScalarEvent, YamlEvent } from '../../yaml/parse/events.ts';
import { parseDocument } from '../../yaml/parse/parse-document.ts';
import { splitDocuments } from '../../yaml/parse/split-documents.ts';
import { mapKeyOf, resolveTaggedScalar } from '../../yaml/parse/tags.ts';
import { createYamlBudget } from '../../yaml/yaml-source.ts';

/** Lines of the keys of a values.yaml. */
export interface KeyLines {
  /**
   * Finds the line, from 1 on, of the key of a pointer.
   * Behind an alias it is that of the key which has the alias, behind a merge key that of the `<<`.
   */
  lineOf(pointer: string): number | undefined;
}

/** Offsets of the keys of one document, by their pointers. */
type KeyOffsets = ReadonlyMap<string, number>;

/** List or map that the events are in; without a pointer its keys are not noted. */
interface Frame {
  pointer: string | undefined;
  isMap: boolean;
  /** Pointer of the value that comes next; undefined where a key comes next. */
  next: { pointer: string | undefined } | undefined;
}

/** Finds the keys of a text that was read before. Those of later documents stand for those of earlier ones. */
export function findKeyLines(text: string): KeyLines {
  const documents: KeyOffsets[] = [];
  for (const { text: part, start } of splitDocuments(text)) {
    const document = parseDocument(part);
    if (document) documents.unshift(findKeyOffsets(document.events, start));
  }
  const lines = createLineLookup(text);
  return {
    lineOf(pointer) {
      const exact = documents.filter((offsets) => offsets.has(pointer));
      const found = [...exact, ...documents].flatMap(
        (offsets) => effectiveKeyOffset(offsets, pointer) ?? [],
      )[0];
      return found === undefined ? undefined : lines(found);
    },
  };
}

/** Finds the offset of a key; of a key above that stands behind it, since that has replaced it. */
function effectiveKeyOffset(offsets: KeyOffsets, pointer: string): number | undefined {
  let found: number | undefined;
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const offset = offsets.get(at);
    if (offset !== undefined && (found === undefined || offset > found)) found = offset;
  }
  return found;
}

function findKeyOffsets(events: readonly YamlEvent[], start: number): KeyOffsets {
  const offsets = new Map<string, number>();
  const merged = findMergedKeys(events);
  const frames: Frame[] = [];
  for (const event of events) {
    const frame = frames.at(-1);
    if (event.type === 'end') {
      frames.pop();
      continue;
    }
    if (frame?.isMap && !frame.next) {
      const above = frame.pointer;
      const name = event.type === 'scalar' ? nameOf(event) : undefined;
      frame.next = {
        pointer: name === undefined || above === undefined ? undefined : appendPointer(above, name),
      };
      const keys =
        name !== undefined ? [name] : event.type === 'scalar' ? (merged.get(event.start) ?? []) : [];
      if (above !== undefined)
        for (const key of keys) offsets.set(appendPointer(above, key), start + event.from);
      continue;
    }
    const pointer = frame ? frame.next?.pointer : '';
    if (frame) frame.next = undefined;
    if (event.type === 'map') frames.push({ pointer, isMap: true, next: undefined });
    if (event.type === 'list') frames.push({ pointer: undefined, isMap: false, next: undefined });
  }
  return offsets;
}

/** Finds the keys that each merge key sets, by its offset. */
function findMergedKeys(events: readonly YamlEvent[]): Map<number, readonly string[]> {
  const merged = new Map<number, readonly string[]>();
  constructDocument(events, 'json', createYamlBudget(), {
    alias: () => undefined,
    merge: (from, keys) => merged.set(from, keys),
  });
  return merged;
}

/** Returns the name of a key; undefined for a merge key. */
function nameOf(event: ScalarEvent): string | undefined {
  if (event.value === '<<' && (event.implicit || event.tag === 'tag:yaml.org,2002:merge')) return undefined;
  return mapKeyOf(resolveTaggedScalar(event, event.from));
}

/** Makes the function that finds the line of an offset. */
function createLineLookup(text: string): (offset: number) => number {
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
