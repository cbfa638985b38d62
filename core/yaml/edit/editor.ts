import { applySplices, type Edit, type Splice } from '../../archive/splices.ts';
import { equalJson, type JsonObject } from '../json.ts';
import { stringifyYaml } from '../yaml.ts';
import type { YamlBudget } from '../yaml-source.ts';
import type { Change, EditLosses } from './change.ts';
import { type EditCache, getCached, putCached } from './edit-cache.ts';
import { addCosts } from './edit-cost.ts';
import {
  editAllDocuments,
  editLocally,
  editYaml,
  lostCommentsReason,
  reasonRenderedAnew,
} from './edit-yaml.ts';
import { type Editable, readEditable } from './editable.ts';

/** Editor of YAML files, which uses prepared sources and records the edits that it makes. */
export interface Editor {
  /** Returns the value of a file that is prepared and can be edited by lines; otherwise undefined. */
  read(file: Buffer): JsonObject | undefined;
  /**
   * Edits a file as `editYaml` does.
   * @returns the file itself where its value is the target already
   */
  edit(file: Buffer, target: JsonObject, documents?: 'first'): Buffer;
  /** Renders a value as a new file. */
  write(target: JsonObject): Buffer;
  /** Returns the cached result of an earlier edit of a file with the same key, or makes and caches it. */
  memoize(file: Buffer, key: string, make: () => Buffer): Buffer;
  /** Returns an upper bound of the budget that reading a file needs; undefined where there is none. */
  costOf(file: Buffer): YamlBudget | undefined;
  /** Edits by the new file. */
  edits: ReadonlyMap<Buffer, Edit>;
  /** Reasons by the new file for which the comments of its source are lost. */
  lost: ReadonlyMap<Buffer, string>;
}

/** Prepared files of the sources that an editor edits. */
export interface EditorSources {
  editables: ReadonlyMap<Buffer, Editable>;
  /** Caches of earlier edits by the source's file. */
  editCaches: ReadonlyMap<Buffer, EditCache>;
}

/** Creates an editor; files that are not among the prepared ones are parsed when edited. */
export function createEditor({ editables, editCaches }: EditorSources): Editor {
  const edits = new Map<Buffer, Edit>();
  const costs = new Map<Buffer, YamlBudget>();
  const lost = new Map<Buffer, string>();

  function write(target: JsonObject): Buffer {
    const file = Buffer.from(stringifyYaml(target));
    costs.set(file, maxBudgetFor(file.length));
    return file;
  }

  function noteLost(file: Buffer, reason: string | undefined): Buffer {
    if (reason !== undefined) lost.set(file, reason);
    return file;
  }

  function writeAnew(target: JsonObject, before: string): Buffer {
    return noteLost(write(target), reasonRenderedAnew(before));
  }

  return {
    read(file) {
      const editable = editables.get(file);
      return editable?.local ? editable.value : undefined;
    },
    edit(file, target, documents) {
      const editable = editables.get(file) ?? readEditable(file.toString('utf8'));
      if (!editable) return writeAnew(target, file.toString('utf8'));
      if (documents === 'first' && editable.end < editable.text.length) {
        const { text, lost: reason } = editYaml(file.toString('utf8'), target, documents);
        return noteLost(Buffer.from(text), reason);
      }
      if (equalJson(editable.value, target)) return file;
      const losses: EditLosses = { comments: false };
      const changes = editLocally(editable, target, losses);
      if (changes) {
        const splices = toByteSplices(editable.text, file, changes);
        const edited = applySplices({ source: file, splices });
        edits.set(edited, { source: file, splices });
        const added = splices.reduce((sum, { bytes }) => sum + bytes.length, 0);
        costs.set(edited, addCosts(editable.cost, maxBudgetFor(added)));
        return noteLost(edited, lostCommentsReason(losses));
      }
      const text = editAllDocuments(editable, target, losses);
      // The cost stays unknown, because the length of the text does not bound the cost of its aliases.
      if (text === undefined) return writeAnew(target, editable.text);
      return noteLost(Buffer.from(text), lostCommentsReason(losses));
    },
    write,
    memoize(file, key, make) {
      const memory = editCaches.get(file);
      const cached = memory && getCached(memory, key);
      if (cached) {
        if (cached.edit) edits.set(cached.file, cached.edit);
        if (cached.cost) costs.set(cached.file, cached.cost);
        if (cached.lost !== undefined) lost.set(cached.file, cached.lost);
        return cached.file;
      }
      const made = make();
      const entry = { file: made, edit: edits.get(made), cost: costs.get(made), lost: lost.get(made) };
      if (memory) putCached(memory, key, entry, file);
      return made;
    },
    costOf: (file) => costs.get(file) ?? editables.get(file)?.cost,
    edits,
    lost,
  };
}

/** Bounds the cost of YAML without aliases, in which each node takes at least one byte. */
function maxBudgetFor(bytes: number): YamlBudget {
  return { text: bytes, nodes: bytes, units: bytes };
}

/** Converts the changes of a text to splices of its UTF-8 bytes. */
function toByteSplices(text: string, file: Buffer, changes: readonly Change[]): Splice[] {
  const ascii = text.length === file.length;
  let seen = 0;
  let bytes = 0;
  const offset = (at: number): number => {
    if (ascii) return at;
    bytes += Buffer.byteLength(text.slice(seen, at));
    seen = at;
    return bytes;
  };
  return changes.map((change) => {
    const from = offset(change.from);
    return { from, to: offset(change.to), bytes: Buffer.from(change.text) };
  });
}
