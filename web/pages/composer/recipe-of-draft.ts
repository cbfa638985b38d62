import { parseDocument } from 'yaml';
import type { Draft, DraftNode, DraftPackage } from './draft.ts';

/** Recipe as the registry takes it. */
export interface WireRecipe {
  save: Record<string, unknown>;
  configs: Record<string, unknown>;
  callback?: unknown;
}

/** Fault in the configuration of a node, or a warning about it. */
export interface ConfigFault {
  message: string;
  /** Line of the text, from 1. */
  line?: number;
  /** JSON pointer into the configuration. */
  pointer?: string;
  /** An error unless it is given. */
  severity?: 'warning';
}

/** Configuration that is read, or the fault for which it cannot be. */
export type ReadConfig = { value: Record<string, unknown> | undefined } | { fault: ConfigFault };

/** Recipe of a draft; nodes by their JSON pointers, and faults of configurations by the ids of their nodes. */
export interface DraftRecipe {
  recipe: WireRecipe;
  /** Ids of nodes by the pointer of the node in the recipe. */
  pointers: Map<string, string>;
  faults: Map<string, ConfigFault>;
}

/** Writes the recipe of a draft. A configuration that cannot be read is left out, and `faults` has the reason. */
export function toRecipe(draft: Draft): DraftRecipe {
  const pointers = new Map<string, string>();
  const faults = new Map<string, ConfigFault>();
  const writeNode = (node: DraftNode, pointer: string): Record<string, unknown> => {
    pointers.set(pointer, node.id);
    const config = readConfigOfNode(node);
    if ('fault' in config) faults.set(node.id, config.fault);
    return {
      ...(node.package ? { package: writePackage(node.package, draft.space) } : {}),
      ...('value' in config && config.value ? { _config: config.value } : {}),
      ...Object.fromEntries(
        node.children.map((child) => [
          child.name,
          writeNode(child, `${pointer}/${escapePointer(child.name)}`),
        ]),
      ),
    };
  };
  const configs = writeNode(draft.root, '/configs');
  const { callback } = draft;
  const recipe = { save: writeSaveSection(draft), configs, ...(callback === undefined ? {} : { callback }) };
  return { recipe, pointers, faults };
}

/** Finds the node that a pointer of the registry is about. The node is the deepest one on the pointer's way. */
export function nodeIdAt(pointers: ReadonlyMap<string, string>, pointer: string): string | undefined {
  for (let place = pointer; place !== ''; place = place.slice(0, place.lastIndexOf('/'))) {
    const id = pointers.get(place);
    if (id !== undefined) return id;
  }
  return undefined;
}

const readConfigs = new WeakMap<DraftNode, { text: string; config: ReadConfig }>();

/** Reads the configuration of a node. Each letter asks for those of all nodes, so an unchanged one is read once. */
export function readConfigOfNode(node: DraftNode): ReadConfig {
  const known = readConfigs.get(node);
  if (known?.text === node.config) return known.config;
  const config = readConfig(node.config);
  readConfigs.set(node, { text: node.config, config });
  return config;
}

/**
 * Reads the YAML of a configuration: nothing, or a map.
 * @param schema `failsafe` reads each scalar as the text that is written, such as 1.10; numbers and booleans otherwise
 */
export function readConfig(text: string, schema: 'core' | 'failsafe' = 'core'): ReadConfig {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, schema });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    return { fault: { message: error.message, line } };
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null || value === undefined) return { value: undefined };
  if (typeof value !== 'object' || Array.isArray(value))
    return { fault: { message: 'Values are a map: write lines of “key: value”.', line: 1 } };
  return { value: { ...value } };
}

function writeSaveSection(draft: Draft): Record<string, unknown> {
  const { chart, version, description, values, replace, from, otherSave } = draft;
  return {
    chart,
    version,
    ...(description === '' ? {} : { description }),
    ...(values === 'merge' ? {} : { values }),
    ...(replace ? { replace } : {}),
    ...(from.length === 0 ? {} : { from }),
    ...otherSave,
  };
}

function writePackage(source: DraftPackage, target: string): Record<string, unknown> {
  const { independent, space, chart, version, subcharts } = source;
  return {
    independent,
    ...(independent && space !== target ? { space } : {}),
    chart,
    version,
    ...(subcharts === 'drop' ? {} : { subcharts }),
  };
}

/** Escapes a key for a JSON pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
