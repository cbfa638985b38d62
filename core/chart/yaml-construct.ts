import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { isObject, type Json, type JsonObject, setKey } from './json.ts';
import { dataOf, readScalar, scalarKey, shortTag, textOf, YamlProblem } from './yaml-tags.ts';
import { readScalarText } from './yaml-text.ts';

/** How much YAML may still be taken in, aliases counted as often as they are used; shared by all files of an archive. */
export interface YamlBudget {
  /** UTF-16 units of text, comments and all. */
  text: number;
  nodes: number;
  /** UTF-16 units of scalars and keys. */
  units: number;
}

/** Collections inside one another, aliases followed. */
export const maxYamlDepth = 200;

type Kind = 'scalar' | 'list' | 'map';

interface Built {
  value: Json;
  kind: Kind;
  nodes: number;
  units: number;
  height: number;
}

interface Frame {
  built: Built;
  anchor: string | undefined;
  /** The key that waits for its value; undefined where a key comes next. */
  key: string | undefined;
  merge: boolean;
}

/**
 * Builds the documents of a parsed text with the meaning of go.yaml.in/yaml/v2 and sigs.k8s.io/yaml, Helm's readers:
 * keys become strings, the last of equal keys wins, `<<` takes effect where it stands, unknown tags are ignored.
 *
 * @param numbers `text` gives numbers and booleans as the strings that Helm makes of them where a string is wanted.
 * @throws YamlProblem
 */
export function constructDocuments(
  text: string,
  events: readonly Event[],
  numbers: 'json' | 'text',
  budget: YamlBudget,
): Json[] {
  const documents: Json[] = [];
  const frames: Frame[] = [];
  let anchors = new Map<string, Built | undefined>();
  let position = 0;
  let inDocument = false;

  function charge(nodes: number, units: number): void {
    budget.nodes -= nodes;
    budget.units -= units;
    if (budget.nodes < 0 || budget.units < 0) {
      throw new YamlProblem('it is too large once its aliases are expanded', position);
    }
  }

  function add(built: Built): void {
    const frame = frames.at(-1);
    if (!frame) {
      documents.push(built.value);
      return;
    }
    const parent = frame.built;
    parent.nodes += built.nodes;
    parent.units += built.units;
    parent.height = Math.max(parent.height, built.height + 1);
    if (Array.isArray(parent.value)) parent.value.push(built.value);
    else if (isObject(parent.value)) addToMap(frame, parent.value, built);
  }

  function addToMap(frame: Frame, map: JsonObject, built: Built): void {
    if (frame.merge) {
      mergeInto(map, built, position);
      frame.merge = false;
    } else if (frame.key === undefined) {
      if (typeof built.value !== 'string')
        throw new YamlProblem('a key must be a scalar, and not null', position);
      frame.key = built.value;
    } else {
      setKey(map, frame.key, built.value);
      frame.key = undefined;
    }
  }

  function addScalar(event: ScalarEvent): void {
    const source = readScalarText(text, event);
    const tag = event.tagStart < 0 ? '' : text.slice(event.tagStart, event.tagEnd);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const frame = frames.at(-1);
    const isKey =
      frame !== undefined && isObject(frame.built.value) && frame.key === undefined && !frame.merge;
    if (isKey && source === '<<' && ((plain && tag === '') || shortTag(tag) === '!!merge')) {
      frame.merge = true;
      return;
    }
    const scalar = readScalar(source, shortTag(tag), plain, position);
    const value = isKey ? textOf(scalar) : numbers === 'text' ? textOf(scalar) : dataOf(scalar);
    charge(1, source.length);
    const built: Built = { value, kind: 'scalar', nodes: 1, units: source.length, height: 0 };
    if (event.anchorStart >= 0) {
      anchors.set(
        text.slice(event.anchorStart, event.anchorEnd),
        isKey ? { ...built, value: dataOf(scalar) } : built,
      );
    }
    add(built);
  }

  function open(value: Json, kind: Kind, anchorStart: number, anchorEnd: number): void {
    charge(1, 0);
    const anchor = anchorStart < 0 ? undefined : text.slice(anchorStart, anchorEnd);
    if (anchor !== undefined) anchors.set(anchor, undefined);
    const built: Built = { value, kind, nodes: 1, units: 0, height: 1 };
    frames.push({ built, anchor, key: undefined, merge: false });
  }

  function addAlias(name: string): void {
    const target = anchors.get(name);
    if (!target) {
      const known = anchors.has(name);
      throw new YamlProblem(
        known ? `anchor "${name}" contains itself` : `there is no anchor "${name}"`,
        position,
      );
    }
    if (frames.length + target.height > maxYamlDepth) {
      throw new YamlProblem(`it is nested more than ${maxYamlDepth} levels deep`, position);
    }
    charge(target.nodes, target.units);
    const frame = frames.at(-1);
    const isKey =
      frame !== undefined && isObject(frame.built.value) && frame.key === undefined && !frame.merge;
    const value = isKey && target.kind === 'scalar' ? scalarKey(target.value) : copy(target.value);
    add({ ...target, value });
  }

  for (const event of events) {
    position = offsetOf(event, position);
    if (event.type === EVENT_ID.DOCUMENT) {
      anchors = new Map();
      inDocument = true;
    } else if (event.type === EVENT_ID.SCALAR) addScalar(event);
    else if (event.type === EVENT_ID.SEQUENCE) open([], 'list', event.anchorStart, event.anchorEnd);
    else if (event.type === EVENT_ID.MAPPING) open({}, 'map', event.anchorStart, event.anchorEnd);
    else if (event.type === EVENT_ID.ALIAS) addAlias(text.slice(event.anchorStart, event.anchorEnd));
    else {
      const frame = frames.pop();
      if (frame) {
        if (frame.anchor !== undefined) anchors.set(frame.anchor, frame.built);
        add(frame.built);
      } else if (inDocument) inDocument = false;
    }
  }
  return documents;
}

/** Merge keys of version 2 of Go's parser: they replace what stands before them; of a list, its earlier maps win. */
function mergeInto(map: JsonObject, built: Built, position: number): void {
  const sources = Array.isArray(built.value) ? built.value.toReversed() : [built.value];
  for (const source of sources) {
    if (!isObject(source)) throw new YamlProblem('a merge key needs a map or a list of maps', position);
    for (const [key, value] of Object.entries(source)) setKey(map, key, value);
  }
}

function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) setKey(result, key, copy(value[key] ?? null));
  return result;
}

function offsetOf(event: Event, before: number): number {
  if ('valueStart' in event && event.valueStart >= 0) return event.valueStart;
  if ('start' in event) return event.start;
  if ('anchorStart' in event && event.anchorStart >= 0) return event.anchorStart;
  return before;
}
