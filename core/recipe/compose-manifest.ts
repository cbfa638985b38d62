import type { Chart, ChartFiles } from '../chart/chart.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import { equalJson, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { parseYamlTyped } from '../yaml/yaml.ts';

/** What the new chart says of itself where its source said something else. */
export interface Identity {
  name: string;
  /** The source's own where it is left out, and so for the description. */
  version?: string;
  description?: string;
}

/**
 * The Chart.yaml of a composed chart, and for a v1 chart its requirements.yaml, by their names. Everything else in the
 * files stays as it is, comments too, and a file that needs no change keeps its very bytes. A file that has nothing left
 * to say is absent.
 *
 * Helm reads the dependencies of a v1 chart from requirements.yaml, and lint refuses them in its Chart.yaml; a v2 chart's
 * requirements.yaml would be read as well, and win over Chart.yaml, so it goes.
 */
export function composeManifest(
  source: Chart,
  identity: Identity,
  dependencies: JsonObject[],
  editor: Editor,
): ChartFiles {
  const v1 = source.apiVersion === 'v1';
  const changes: JsonObject = { ...identity };
  if (!v1 && dependencies.length > 0) changes.dependencies = dependencies;
  const files = new Map([['Chart.yaml', changeFile(source, 'Chart.yaml', changes, editor)]]);
  if (v1 && dependencies.length > 0) {
    files.set('requirements.yaml', changeFile(source, 'requirements.yaml', { dependencies }, editor));
  }
  return files;
}

/**
 * Sets keys of a YAML file, and removes `dependencies` unless it is among them. Helm takes `Dependencies` for it where it
 * is absent, so that goes too.
 */
function changeFile(source: Chart, path: string, changes: JsonObject, editor: Editor): Buffer {
  const bytes = source.files.get(path) ?? Buffer.alloc(0);
  return editor.recall(bytes, JSON.stringify(changes), () => {
    const data = editor.read(bytes) ?? readFirst(bytes, path);
    const kept = Object.entries(isObject(data) ? data : {}).filter(([key]) => !/^dependencies$/i.test(key));
    const target = { ...Object.fromEntries(kept), ...changes };
    return equalJson(target, data) ? bytes : editor.edit(bytes, target, 'first');
  });
}

/** Helm reads the first document of these files, and no other. */
function readFirst(bytes: Buffer, path: string): Json {
  return parseYamlTyped(bytes.toString('utf8'), { file: path, code: 'chart.invalid' }).data;
}
