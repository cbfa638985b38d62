import type { ChartFiles } from './chart.ts';
import { equalJson, getKey, isObject, type JsonObject, setKey } from './json.ts';
import { readManifest } from './manifest.ts';
import { createYamlBudget, parseYamlTyped } from './yaml.ts';
import { rewriteYaml } from './yaml-edit.ts';

/**
 * Makes the root's Chart.yaml say exactly the given keys. The dependencies that the file declares stay, whatever
 * `manifest` has under that key, because metadata has there what is inside; comments and the spelling of what does not
 * change stay too.
 *
 * @throws RegistryError `chart.invalid` when the file as it is cannot be read.
 */
export function replaceManifest(files: ChartFiles, manifest: JsonObject): ChartFiles {
  const before = readManifest(files, '', createYamlBudget()).manifest;
  const text = files.get('Chart.yaml')?.toString('utf8') ?? '';
  const { data } = parseYamlTyped(text, { file: 'Chart.yaml', code: 'chart.invalid' });
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
  return replaceFile(files, 'Chart.yaml', rewriteYaml(text, target));
}

/** Makes the root's values.yaml say exactly the given values, with as much of the file as can stay. */
export function replaceValues(files: ChartFiles, values: JsonObject): ChartFiles {
  return replaceFile(
    files,
    'values.yaml',
    rewriteYaml(files.get('values.yaml')?.toString('utf8') ?? '', values),
  );
}

function replaceFile(files: ChartFiles, path: string, text: string): ChartFiles {
  return new Map(files).set(path, Buffer.from(text));
}
