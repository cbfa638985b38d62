import { isObject, type Json, type JsonObject, setKey } from '../json.ts';
import { YamlProblem } from '../yaml-problem.ts';
import { createAliasRatio } from './alias-ratio.ts';
import type { AliasEvent, CollectionEvent, ScalarEvent, YamlEvent } from './events.ts';
import { maxYamlDepth } from './parse-document.ts';
import type { Scalar } from './scalar.ts';
import { dataOf, keyOf, readScalar, textOf } from './tags.ts';

/** How much YAML may still be taken in, aliases counted as often as they are used; shared by all files of an archive. */
export interface YamlBudget {
  /** UTF-16 units of text, comments and all. */
  text: number;
  nodes: number;
  /** UTF-16 units of scalars and keys. */
  units: number;
}

/** Watches what is repeated, for editing. */
export interface Watch {
  /** @param target start of what the alias repeats */
  alias(event: AliasEvent, value: Json, target: number): void;
  /** @param from offset of the merge key */
  merge(from: number, keys: readonly string[]): void;
}

interface Built {
  /** Offset of its tag or anchor, or of itself. */
  start: number;
  value: Json;
  /** The scalar that it is; undefined for a list or map. */
  scalar: Scalar | undefined;
  nodes: number;
  units: number;
  height: number;
}

interface Frame {
  built: Built;
  anchor: string;
  /** Kinds of the keys that are not strings as they are written; only where there are any. */
  kinds: Map<string, Scalar['kind']> | undefined;
  /** The key that waits for its value; undefined where a key comes next. */
  key: string | undefined;
  /** Offset of the merge key that waits for its value, or -1. */
  merge: number;
}

/**
 * Builds the value of a document with the meaning of go.yaml.in/yaml/v2 and sigs.k8s.io/yaml, Helm's readers: keys become
 * strings, the last of equal keys wins, `<<` takes effect where it stands, unknown tags are ignored.
 *
 * @param numbers `text` gives numbers and booleans as the strings that Helm makes of them where a string is wanted.
 * @throws YamlProblem
 */
export function constructDocument(
  events: readonly YamlEvent[],
  numbers: 'json' | 'text',
  budget: YamlBudget,
  watch?: Watch,
): Json {
  const frames: Frame[] = [];
  const anchors = new Map<string, Built | undefined>();
  const ratio = createAliasRatio();
  let root: Json = null;
  let position = 0;
  let aliased = false;

  function charge(nodes: number, units: number): void {
    budget.nodes -= nodes;
    budget.units -= units;
    if (budget.nodes >= 0 && budget.units >= 0) return;
    const what = budget.nodes < 0 ? 'keys and values' : 'text';
    const when = aliased ? ' once its aliases are expanded' : '';
    throw new YamlProblem(`it has too many ${what}${when}`.replace('many text', 'much text'), position);
  }

  /** The map that waits for a key. */
  function keyFrame(): Frame | undefined {
    const frame = frames.at(-1);
    return frame && isObject(frame.built.value) && frame.key === undefined && frame.merge < 0
      ? frame
      : undefined;
  }

  function add(built: Built): void {
    const frame = frames.at(-1);
    if (!frame) {
      root = built.value;
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
    if (frame.merge >= 0) {
      const keys = mergeInto(map, built, position);
      watch?.merge(frame.merge, keys);
      frame.merge = -1;
    } else if (frame.key === undefined) frame.key = takeKey(frame, map, built);
    else {
      setKey(map, frame.key, built.value);
      frame.key = undefined;
    }
  }

  function takeKey(frame: Frame, map: JsonObject, { scalar }: Built): string {
    const key = scalar && keyOf(scalar);
    if (scalar === undefined || key === undefined)
      throw new YamlProblem('a key must be text, a number or a boolean', position);
    const { kind } = scalar;
    if (kind === 'string' && !frame.kinds) return key;
    const before = frame.kinds?.get(key) ?? (Object.hasOwn(map, key) ? 'string' : kind);
    if (before !== kind) {
      const shown = JSON.stringify(key.slice(0, 40));
      throw new YamlProblem(`the key ${shown} stands twice, quoted and not, and Helm takes either`, position);
    }
    frame.kinds ??= new Map();
    frame.kinds.set(key, kind);
    return key;
  }

  function addScalar(event: ScalarEvent): void {
    const frame = keyFrame();
    if (frame && event.value === '<<' && (event.implicit || event.tag === 'tag:yaml.org,2002:merge')) {
      frame.merge = event.start;
      return;
    }
    const scalar = readScalar(event, position);
    if (scalar.kind === 'special' && !frame)
      throw new YamlProblem(`${event.value} cannot be expressed in JSON`, position);
    charge(1, event.value.length);
    ratio.count(1, 0, position);
    const value = numbers === 'text' ? textOf(scalar) : dataOf(scalar);
    const built: Built = {
      start: event.start,
      value,
      scalar,
      nodes: 1,
      units: event.value.length,
      height: 0,
    };
    if (event.anchor !== '') anchors.set(event.anchor, built);
    add(built);
  }

  function open(event: CollectionEvent): void {
    charge(1, 0);
    ratio.count(1, 0, position);
    if (event.anchor !== '') anchors.set(event.anchor, undefined);
    const value = event.type === 'list' ? [] : {};
    const built: Built = { start: event.start, value, scalar: undefined, nodes: 1, units: 0, height: 1 };
    frames.push({ built, anchor: event.anchor, kinds: undefined, key: undefined, merge: -1 });
  }

  function addAlias(event: AliasEvent): void {
    const { name } = event;
    const target = anchors.get(name);
    if (!target) {
      const known = anchors.has(name);
      throw new YamlProblem(
        known ? `anchor "${name}" contains itself` : `there is no anchor "${name}"`,
        position,
      );
    }
    if (frames.length + target.height > maxYamlDepth)
      throw new YamlProblem(`it is nested more than ${maxYamlDepth} levels deep`, position);
    if (target.scalar?.kind === 'special' && !keyFrame())
      throw new YamlProblem(`the value of anchor "${name}" cannot be expressed in JSON`, position);
    aliased = true;
    watch?.alias(event, target.value, target.start);
    charge(target.nodes, target.units);
    ratio.count(1, target.nodes, position);
    const { scalar } = target;
    const text = scalar && numbers === 'text' ? textOf(scalar) : undefined;
    // Go counts the alias itself, too.
    add({ ...target, nodes: target.nodes + 1, value: text ?? copy(target.value) });
  }

  function close(): void {
    const frame = frames.pop();
    if (!frame) return;
    if (frame.anchor !== '') anchors.set(frame.anchor, frame.built);
    add(frame.built);
  }

  for (const event of events) {
    position = event.from;
    if (event.type === 'scalar') addScalar(event);
    else if (event.type === 'alias') addAlias(event);
    else if (event.type === 'end') close();
    else open(event);
  }
  return root;
}

/** Merge keys of version 2 of Go's parser: they replace what stands before them; of a list, its earlier maps win. */
function mergeInto(map: JsonObject, built: Built, position: number): string[] {
  const keys: string[] = [];
  const sources = Array.isArray(built.value) ? built.value.toReversed() : [built.value];
  for (const source of sources) {
    if (!isObject(source)) throw new YamlProblem('a merge key needs a map or a list of maps', position);
    for (const [key, value] of Object.entries(source)) {
      setKey(map, key, value);
      keys.push(key);
    }
  }
  return keys;
}

function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) setKey(result, key, copy(value[key] ?? null));
  return result;
}
