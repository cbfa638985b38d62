import { type EditedYaml, editYaml } from '../yaml/edit/edit-yaml.ts';
import { equalJson, getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import { decodeYaml } from '../yaml/parse/decode.ts';
import { parseYamlTyped } from '../yaml/yaml.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';
import type { ChartFiles } from './chart.ts';
import { readManifest } from './manifest.ts';

/** Files of a chart with one of them edited, and why that one has lost its comments; undefined where it has not. */
export interface Rewritten {
  files: ChartFiles;
  lost: { file: string; reason: string } | undefined;
}

/**
 * Makes the root's Chart.yaml say exactly the given keys. The dependencies that the file declares stay, whatever
 * `manifest` has under that key, because metadata has there what is inside; comments and the spelling of what does not
 * change stay too.
 *
 * @throws RegistryError `chart.invalid` when the file as it is cannot be read.
 */
export function replaceManifest(files: ChartFiles, manifest: JsonObject): Rewritten {
  const before = readManifest(files, '', createYamlBudget()).manifest;
  const source = { file: 'Chart.yaml', code: 'chart.invalid' } as const;
  const text = decodeYaml(files.get('Chart.yaml') ?? Buffer.alloc(0), source);
  const { data } = parseYamlTyped(text, source);
  const written = isObject(data) ? data : {};
  const target: JsonObject = {};
  for (const key of Object.keys(manifest)) {
    const value = getKey(manifest, key) ?? null;
    const same = equalJson(getKey(before, key) ?? null, value);
    // What means the same to Helm stays as it is written: 1.10 is not made '1.1'.
    if (key !== 'dependencies') setKey(target, key, same ? (getKey(written, key) ?? value) : value);
  }
  for (const key of Object.keys(written)) {
    if (key.toLowerCase() === 'dependencies') setKey(target, key, getKey(written, key) ?? null);
  }
  return replaceFile(files, 'Chart.yaml', editYaml(text, target, 'first'));
}

/** Makes the root's values.yaml say exactly the given values, with as much of the file as can stay. */
export function replaceValues(files: ChartFiles, values: JsonObject): Rewritten {
  const source = { file: 'values.yaml', code: 'values.invalid' } as const;
  const text = decodeYaml(files.get('values.yaml') ?? Buffer.alloc(0), source);
  return replaceFile(files, 'values.yaml', editYaml(text, values));
}

function replaceFile(files: ChartFiles, path: string, { text, lost }: EditedYaml): Rewritten {
  const changed = new Map(files).set(path, Buffer.from(text));
  return { files: changed, lost: lost === undefined ? undefined : { file: path, reason: lost } };
}
