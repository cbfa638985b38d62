import { applySplices, type Edit, type Splice } from '../../archive/splices.ts';
import type { Prepared } from '../../chart/prepare.ts';
import { equalJson, type JsonObject } from '../json.ts';
import type { YamlBudget } from '../parse/construct.ts';
import { stringifyYaml } from '../yaml.ts';
import type { Change } from './change.ts';
import { getCached, putCached } from './edit-cache.ts';
import { addCosts } from './edit-cost.ts';
import { editLocally, editWhole, editYaml, unreadableReason } from './edit-yaml.ts';
import { readEditable } from './editable.ts';

/** Makes YAML files out of others without reading again what is known of them, and remembers what it changed. */
export interface Editor {
  /** What a file means, where that was found out before and it can be edited by lines. */
  read(file: Buffer): JsonObject | undefined;
  /** The file as `editYaml` would have it: itself, if it means the target already. */
  edit(file: Buffer, target: JsonObject, documents?: 'first'): Buffer;
  /** A file that nothing is kept of. */
  write(target: JsonObject): Buffer;
  /** The file that was made of another before for the same wish, or else made now. */
  recall(file: Buffer, key: string, make: () => Buffer): Buffer;
  /** What reading a file takes at most; undefined where that is not known. */
  costOf(file: Buffer): YamlBudget | undefined;
  /** By the new file, how it came of another. */
  edits: ReadonlyMap<Buffer, Edit>;
  /** By the new file, why the comments of the one that it was made of are lost. */
  lost: ReadonlyMap<Buffer, string>;
}

/** @param prepared what is known of the sources; whatever is missing there is read */
export function createEditor({ editables, editCaches }: Pick<Prepared, 'editables' | 'editCaches'>): Editor {
  const edits = new Map<Buffer, Edit>();
  const costs = new Map<Buffer, YamlBudget>();
  const lost = new Map<Buffer, string>();

  function write(target: JsonObject): Buffer {
    const file = Buffer.from(stringifyYaml(target));
    costs.set(file, maxFor(file.length));
    return file;
  }

  function writeAnew(target: JsonObject, before: string): Buffer {
    const file = write(target);
    const reason = unreadableReason(before);
    if (reason !== undefined) lost.set(file, reason);
    return file;
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
        const edited = Buffer.from(text);
        if (reason !== undefined) lost.set(edited, reason);
        return edited;
      }
      if (equalJson(editable.value, target)) return file;
      const changes = editLocally(editable, target);
      if (changes) {
        const splices = toBytes(editable.text, file, changes);
        const edited = applySplices({ source: file, splices });
        edits.set(edited, { source: file, splices });
        const added = splices.reduce((sum, { bytes }) => sum + bytes.length, 0);
        costs.set(edited, addCosts(editable.cost, maxFor(added)));
        return edited;
      }
      const text = editWhole(editable, target);
      // What an alias costs cannot be told from the length of the text.
      return text === undefined ? writeAnew(target, editable.text) : Buffer.from(text);
    },
    write,
    recall(file, key, make) {
      const memory = editCaches.get(file);
      const known = memory && getCached(memory, key);
      if (known) {
        if (known.edit) edits.set(known.file, known.edit);
        if (known.cost) costs.set(known.file, known.cost);
        if (known.lost !== undefined) lost.set(known.file, known.lost);
        return known.file;
      }
      const made = make();
      const one = { file: made, edit: edits.get(made), cost: costs.get(made), lost: lost.get(made) };
      if (memory) putCached(memory, key, one, file);
      return made;
    },
    costOf: (file) => costs.get(file) ?? editables.get(file)?.cost,
    edits,
    lost,
  };
}

/** Without aliases, a node takes a byte at least. */
function maxFor(bytes: number): YamlBudget {
  return { text: bytes, nodes: bytes, units: bytes };
}

/** Changes of a text as changes of its bytes. */
function toBytes(text: string, file: Buffer, changes: readonly Change[]): Splice[] {
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
