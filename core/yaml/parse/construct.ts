import { isObject, type Json, type JsonObject, setKey } from '../json.ts';
import { type YamlBudget, YamlProblem } from '../yaml-source.ts';
import { createAliasRatio } from './alias-ratio.ts';
import type { AliasEvent, CollectionEvent, ScalarEvent, YamlEvent } from './events.ts';
import { maxYamlDepth } from './parse-document.ts';
import type { Scalar } from './scalar.ts';
import { dataOfScalar, mapKeyOf, resolveTaggedScalar, textOfScalar } from './tags.ts';

/** Observer of aliases and merge keys, for editing. */
export interface RepeatObserver {
  /**
   * Called for each alias.
   * @param target offset at which the repeated value begins
   */
  alias(event: AliasEvent, value: Json, target: number): void;
  /**
   * Called for each merge key.
   * @param from offset of the merge key
   * @param keys keys that it merged
   */
  merge(from: number, keys: readonly string[]): void;
}

/** Constructed node with the cost of repeating it by an alias. */
interface BuiltNode {
  /** Offset of the node's tag or anchor, or of the node without these. */
  start: number;
  value: Json;
  /** Scalar of the node; undefined for a list or map. */
  scalar: Scalar | undefined;
  /** Number of nodes in it, itself included. */
  nodes: number;
  /** UTF-16 units of the keys and scalars in it. */
  units: number;
  /** Levels of nesting; 0 for a scalar. */
  height: number;
}

/** List or map under construction. */
interface Frame {
  built: BuiltNode;
  anchor: string;
  /** Kinds of the keys, from the first key on that is not written as a string; undefined before. */
  kinds: Map<string, Scalar['kind']> | undefined;
  /** Key whose value comes next; undefined where a key comes next. */
  key: string | undefined;
  /** Offset of the merge key whose value comes next, or -1. */
  merge: number;
}

/**
 * Constructs the value of a document as Helm's readers do (go.yaml.in/yaml/v2 and sigs.k8s.io/yaml).
 * Keys become strings, the last of equal keys wins, `<<` overrides the keys before it only, unknown tags are ignored.
 *
 * @param numbers `text` turns numbers and booleans into the strings that Helm uses in fields that have to be strings
 * @throws YamlProblem
 */
export function constructDocument(
  events: readonly YamlEvent[],
  numbers: 'json' | 'text',
  budget: YamlBudget,
  observer?: RepeatObserver,
): Json {
  const frames: Frame[] = [];
  const anchors = new Map<string, BuiltNode | undefined>();
  const ratio = createAliasRatio();
  let root: Json = null;
  let position = 0;
  let aliased = false;

  function charge(nodes: number, units: number): void {
    budget.nodes -= nodes;
    budget.units -= units;
    if (budget.nodes >= 0 && budget.units >= 0) return;
    const excess = budget.nodes < 0 ? 'many keys and values' : 'much text';
    const when = aliased ? ' once its aliases are expanded' : '';
    throw new YamlProblem(`it has too ${excess}${when}`, position);
  }

  /** Returns the innermost frame where it is a map and a key comes next. */
  function frameAwaitingKey(): Frame | undefined {
    const frame = frames.at(-1);
    return frame && isObject(frame.built.value) && frame.key === undefined && frame.merge < 0
      ? frame
      : undefined;
  }

  function add(built: BuiltNode): void {
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

  function addToMap(frame: Frame, map: JsonObject, built: BuiltNode): void {
    if (frame.merge >= 0) {
      const keys = mergeInto(map, built, position);
      observer?.merge(frame.merge, keys);
      frame.merge = -1;
    } else if (frame.key === undefined) frame.key = toKey(frame, map, built);
    else {
      setKey(map, frame.key, built.value);
      frame.key = undefined;
    }
  }

  function toKey(frame: Frame, map: JsonObject, { scalar }: BuiltNode): string {
    const key = scalar && mapKeyOf(scalar);
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
    const frame = frameAwaitingKey();
    if (frame && event.value === '<<' && (event.implicit || event.tag === 'tag:yaml.org,2002:merge')) {
      frame.merge = event.start;
      return;
    }
    const scalar = resolveTaggedScalar(event, position);
    if (scalar.kind === 'special' && !frame)
      throw new YamlProblem(`${event.value} cannot be expressed in JSON`, position);
    charge(1, event.value.length);
    ratio.count(1, 0, position);
    const value = numbers === 'text' ? textOfScalar(scalar) : dataOfScalar(scalar);
    const built: BuiltNode = {
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
    const built: BuiltNode = { start: event.start, value, scalar: undefined, nodes: 1, units: 0, height: 1 };
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
    if (target.scalar?.kind === 'special' && !frameAwaitingKey())
      throw new YamlProblem(`the value of anchor "${name}" cannot be expressed in JSON`, position);
    aliased = true;
    observer?.alias(event, target.value, target.start);
    charge(target.nodes, target.units);
    ratio.count(1, target.nodes, position);
    const { scalar } = target;
    const text = scalar && numbers === 'text' ? textOfScalar(scalar) : undefined;
    // Go counts the alias in addition to the nodes that it repeats.
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

/** Merges maps into a map as version 2 of Go's parser does: over the keys before; in a list, earlier maps win. */
function mergeInto(map: JsonObject, built: BuiltNode, position: number): string[] {
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
