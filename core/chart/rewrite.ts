import { type EditedYaml, editYaml } from '../yaml/edit/edit-yaml.ts';
import { equalJson, getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import { decodeYaml } from '../yaml/parse/decode.ts';
import { parseYamlDataAndStrings } from '../yaml/yaml.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';
import type { ChartFiles } from './chart.ts';
import { readManifest } from './manifest.ts';

/** Files of a chart of which one was edited, and the reason if that file has lost its comments. */
export interface Rewritten {
  files: ChartFiles;
  lost: { file: string; reason: string } | undefined;
}

/**
 * Edits the root's Chart.yaml to have exactly the given keys.
 * The file's declared dependencies stay, whatever `manifest` has under that key: in metadata that key has the charts
 * inside. Comments and the spelling of unchanged values stay too.
 *
 * @throws RegistryError `chart.invalid` if the present file cannot be read
 */
export function replaceManifest(files: ChartFiles, manifest: JsonObject): Rewritten {
  const before = readManifest(files, '', createYamlBudget()).manifest;
  const source = { file: 'Chart.yaml', code: 'chart.invalid' } as const;
  const text = decodeYaml(files.get('Chart.yaml') ?? Buffer.alloc(0), source);
  const { data } = parseYamlDataAndStrings(text, source);
  const written = isObject(data) ? data : {};
  const target: JsonObject = {};
  for (const key of Object.keys(manifest)) {
    const value = getKey(manifest, key) ?? null;
    /** Keep the spelling of values that Helm reads the same: 1.10 does not become '1.1'. */
    const same = equalJson(getKey(before, key) ?? null, value);
    // Keep the spelling of values that Helm reads the same: 1.10 does not become '1.1'.
    if (key !== 'dependencies') setKey(target, key, same ? (getKey(written, key) ?? value) : value);
  }
  for (const key of Object.keys(written)) {
    if (key.toLowerCase() === 'dependencies') setKey(target, key, getKey(written, key) ?? null);
  }
  return replaceFile(files, 'Chart.yaml', editYaml(text, target, 'first'));
}

/** Edits the root's values.yaml to have exactly the given values. As much of the file as possible is kept. */
export function replaceValues(files: ChartFiles, values: JsonObject): Rewritten {
  const source = { file: 'values.yaml', code: 'values.invalid' } as const;
  const text = decodeYaml(files.get('values.yaml') ?? Buffer.alloc(0), source);
  return replaceFile(files, 'values.yaml', editYaml(text, values));
}

function replaceFile(files: ChartFiles, path: string, { text, lost }: EditedYaml): Rewritten {
  const changed = new Map(files).set(path, Buffer.from(text));
  return { files: changed, lost: lost === undefined ? undefined : { file: path, reason: lost } };
}

/** Writes the message of the warning `comments.lost`: the file, the reason, and the remedy. */
export function explainLostComments(file: string, reason: string): string {
  return `${file} has lost comments: ${reason}. Edit the file and upload the chart to keep them.`;
}
