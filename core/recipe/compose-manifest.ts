import type { Chart, ChartFiles } from '../chart/chart.ts';
import { equalJson, isObject, type JsonObject } from '../chart/json.ts';
import { parseYamlTyped } from '../chart/yaml.ts';
import { rewriteYaml } from '../chart/yaml-edit.ts';

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
export function composeManifest(source: Chart, identity: Identity, dependencies: JsonObject[]): ChartFiles {
  const v1 = source.apiVersion === 'v1';
  const changes: JsonObject = { ...identity };
  if (!v1 && dependencies.length > 0) changes.dependencies = dependencies;
  const files = new Map([['Chart.yaml', changeFile(source, 'Chart.yaml', changes)]]);
  if (v1 && dependencies.length > 0) {
    files.set('requirements.yaml', changeFile(source, 'requirements.yaml', { dependencies }));
  }
  return files;
}

/** Sets keys of a YAML file, and removes `dependencies` unless it is among them. */
function changeFile(source: Chart, path: string, changes: JsonObject): Buffer {
  const bytes = source.files.get(path) ?? Buffer.alloc(0);
  const text = bytes.toString('utf8');
  const { data } = parseYamlTyped(text, { file: path, code: 'chart.invalid' });
  const { dependencies: _dependencies, ...kept } = isObject(data) ? data : {};
  const target = { ...kept, ...changes };
  return equalJson(target, data) ? bytes : Buffer.from(rewriteYaml(text, target));
}
