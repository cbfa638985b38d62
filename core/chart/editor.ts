import type { ChartFiles } from './chart.ts';
import { equalJson, type JsonObject } from './json.ts';
import type { Known, KnownManifest } from './known.ts';
import type { Manifest } from './manifest.ts';
import type { Prepared } from './prepare.ts';
import { applySplices, type Edit, type Splice } from './splices.ts';
import { stringifyYaml } from './yaml.ts';
import type { Change } from './yaml-changes.ts';
import { costOf } from './yaml-cost.ts';
import { editLocally, editWhole } from './yaml-edit.ts';
import { readEditable } from './yaml-editable.ts';

/** Makes YAML files out of others, and remembers how and what for, so that nobody has to read them again. */
export interface Editor extends Known {
  /** What a file means, where that was found out before and it can be edited by lines. */
  read(file: Buffer): JsonObject | undefined;
  /** The file as `rewriteYaml` would have it: itself, if it means the target already. */
  edit(file: Buffer, target: JsonObject): Buffer;
  /** A file that nothing is kept of. */
  write(target: JsonObject): Buffer;
  /** Remembers what the chart says that has these files; undefined where they have to be read. */
  know(files: ChartFiles, read: () => Manifest | undefined): void;
  edits: ReadonlyMap<Buffer, Edit>;
}

/** Longer files are read, since how much one may have in it is counted in places, not in values. */
const longestKnown = 200_000;

/** @param prepared what is known of the sources; whatever is missing there is read */
export function createEditor({ editables, manifests }: Pick<Prepared, 'editables' | 'manifests'>): Editor {
  const edits = new Map<Buffer, Edit>();
  const targets = new Map<Buffer, JsonObject>();
  const written = new Map<Buffer, () => KnownManifest | undefined>();

  function write(target: JsonObject): Buffer {
    const file = Buffer.from(stringifyYaml(target));
    targets.set(file, target);
    return file;
  }

  return {
    read(file) {
      const editable = editables.get(file);
      return editable?.local ? editable.value : undefined;
    },
    edit(file, target) {
      const editable = editables.get(file) ?? readEditable(file.toString('utf8'));
      if (!editable) return write(target);
      if (equalJson(editable.value, target)) return file;
      const changes = editLocally(editable, target);
      if (changes) {
        const edit = { source: file, splices: toBytes(editable.text, file, changes) };
        const edited = applySplices(edit);
        edits.set(edited, edit);
        if (edited.length <= longestKnown) targets.set(edited, target);
        return edited;
      }
      const text = editWhole(editable, target);
      // What an alias or a key that stands twice costs cannot be seen from the meaning.
      return text === undefined ? write(target) : Buffer.from(text);
    },
    write,
    know(files, read) {
      const file = files.get('Chart.yaml');
      if (file && !manifests.has(file)) written.set(file, () => describeManifest(files, read()));
    },
    manifest: (file) => written.get(file)?.() ?? manifests.get(file),
    meaning(file) {
      const value = targets.get(file);
      return value ? { value, cost: { ...costOf(value), text: file.length } } : editables.get(file);
    },
    edits,
  };
}

function describeManifest(files: ChartFiles, manifest: Manifest | undefined): KnownManifest | undefined {
  if (!manifest) return undefined;
  const requirements = files.get('requirements.yaml');
  const text = (files.get('Chart.yaml')?.length ?? 0) + (requirements?.length ?? 0);
  // Both are read as data and as strings.
  const { nodes, units } = costOf([manifest.manifest, manifest.dependencies]);
  return { manifest, requirements, cost: { text, nodes: 2 * nodes, units: 2 * units } };
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
