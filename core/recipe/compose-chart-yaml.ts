import type { Chart, ChartFiles } from '../chart/chart.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import { equalJson, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { parseYamlDataAndStrings } from '../yaml/yaml.ts';
import type { MetadataFields } from './parse-metadata.ts';

/** Keys of Chart.yaml that the new chart sets. */
export interface NewChartFields extends MetadataFields {
  name: string;
  /** The source's own if left out, and so for the other keys. */
  version?: string;
  description?: string;
}

/**
 * Composes Chart.yaml, and for a v1 chart requirements.yaml. @returns the files by their names
 * Other keys and comments stay, and a file that needs no change keeps its bytes. A requirements.yaml without
 * dependencies is left out.
 *
 * Helm reads the dependencies of a v1 chart from requirements.yaml, and `helm lint` refuses them in its Chart.yaml.
 * In a v2 chart requirements.yaml would be read too and win over Chart.yaml, so it goes.
 */
export function composeChartYaml(
  source: Chart,
  identity: NewChartFields,
  dependencies: JsonObject[],
  editor: Editor,
): ChartFiles {
  const v1 = source.apiVersion === 'v1';
  const changes: JsonObject = { ...identity };
  if (!v1 && dependencies.length > 0) changes.dependencies = dependencies;
  const files = new Map([['Chart.yaml', editYamlFile(source, 'Chart.yaml', changes, editor)]]);
  if (v1 && dependencies.length > 0) {
    files.set('requirements.yaml', editYamlFile(source, 'requirements.yaml', { dependencies }, editor));
  }
  return files;
}

/**
 * Sets keys of a YAML file, and removes `dependencies` unless it is among them.
 * Helm also reads `Dependencies` if the lower-case key is absent, so that key goes too.
 */
function editYamlFile(source: Chart, path: string, changes: JsonObject, editor: Editor): Buffer {
  const bytes = source.files.get(path) ?? Buffer.alloc(0);
  return editor.memoize(bytes, JSON.stringify(changes), () => {
    const data = editor.read(bytes) ?? readFirstDocument(bytes, path);
    const kept = Object.entries(isObject(data) ? data : {}).filter(
      ([key]) => !/^dependencies$/i.test(key) && !isCaseVariant(key, changes),
    );
    const target = { ...Object.fromEntries(kept), ...changes };
    return equalJson(target, data) ? bytes : editor.edit(bytes, target, 'first');
  });
}

/** Tells whether a key is a new one in other letters: Helm takes both for one field, and may use the old value. */
function isCaseVariant(key: string, changes: JsonObject): boolean {
  return (
    !Object.hasOwn(changes, key) &&
    Object.keys(changes).some((name) => name.toLowerCase() === key.toLowerCase())
  );
}

/** Reads the first document: Helm reads no other of these files. */
function readFirstDocument(bytes: Buffer, path: string): Json {
  return parseYamlDataAndStrings(bytes.toString('utf8'), { file: path, code: 'chart.invalid' }).data;
}
