import { RegistryError } from '../errors.ts';
import { parseVersion } from '../semver/version.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { decodeYaml } from '../yaml/parse/decode.ts';
import { parseYamlDataAndStrings } from '../yaml/yaml.ts';
import type { YamlBudget, YamlSource } from '../yaml/yaml-source.ts';
import type { ChartFiles, Dependency } from './chart.ts';
import {
  checkLock,
  convertDependency,
  convertManifest,
  foldManifestKeys,
  keepHelmFields,
  parsedItemAt,
  type ThrowFieldError,
} from './manifest-types.ts';
import { isChartName } from './names.ts';

/** The validated content of a chart's Chart.yaml and requirements.yaml. */
export interface Manifest {
  name: string;
  version: string;
  apiVersion: string;
  /** Keys of Chart.yaml except `dependencies`, with Helm's types; `apiVersion` is always set. */
  manifest: JsonObject;
  dependencies: Dependency[];
}

const aliasPattern = /^[a-zA-Z0-9_-]+$/;

/**
 * Reads and validates Chart.yaml and requirements.yaml, as Helm's Metadata.Validate does.
 * Helm reads the `dependencies` of requirements.yaml over those of Chart.yaml, whatever the apiVersion. Lock files
 * are checked, because Helm's loader parses them. Names follow the registry's rule, which is a little narrower than
 * Helm's.
 *
 * @param where the chart's place in the archive for messages, empty for the root
 * @throws RegistryError `chart.invalid`
 */
export function readManifest(files: ChartFiles, where: string, budget: YamlBudget): Manifest {
  const file = `${where}Chart.yaml`;
  const content = files.get('Chart.yaml');
  if (!content) {
    const message = `There is no ${file}`;
    throw new RegistryError('chart.invalid', where === '' ? `${message} in the chart's folder` : message);
  }
  const { manifest, dependencies } = readTypedManifest(content, file, budget);
  const requirements = files.get('requirements.yaml');
  const required = requirements && readTypedManifest(requirements, `${where}requirements.yaml`, budget);
  if (required) checkOverrides(required.manifest, manifest, `${where}requirements.yaml`);
  for (const lock of ['Chart.lock', 'requirements.lock']) {
    const locked = files.get(lock);
    if (locked) checkLockFile(locked, `${where}${lock}`, budget);
  }
  const name = text(manifest, 'name');
  const version = text(manifest, 'version');
  if (name === '') throw invalidChartError(file, 'name', 'is missing');
  if (!isChartName(name)) {
    const rule =
      "may have letters, digits, '.', '_' and '-', must begin with a letter or digit, and end after 250";
    throw invalidChartError(
      file,
      'name',
      `${JSON.stringify(name.slice(0, 260))} is not a chart's name: it ${rule}`,
    );
  }
  if (version === '') throw invalidChartError(file, 'version', 'is missing');
  if (!parseVersion(version))
    throw invalidChartError(file, 'version', `${JSON.stringify(version)} is not a semantic version`);
  const type = text(manifest, 'type');
  if (!['', 'application', 'library'].includes(type)) {
    throw invalidChartError(file, 'type', `is ${JSON.stringify(type)}; it must be application or library`);
  }
  const apiVersion = text(manifest, 'apiVersion') || 'v1';
  if (where === '' && apiVersion !== 'v1' && apiVersion !== 'v2')
    throw invalidChartError(
      file,
      'apiVersion',
      `is ${JSON.stringify(apiVersion)}; Helm 4 loads v1 and v2 only`,
    );
  setKey(manifest, 'apiVersion', apiVersion);
  return {
    name,
    version,
    apiVersion,
    manifest,
    dependencies: checkDependencies(overlayDependencies(dependencies ?? [], required?.dependencies), file),
  };
}

/**
 * Refuses fields of requirements.yaml that differ from Chart.yaml.
 * Helm reads both files into one structure, so the later value would count, and a chart would have another name than
 * it shows.
 */
function checkOverrides(required: JsonObject, manifest: JsonObject, file: string): void {
  for (const [key, value] of Object.entries(keepHelmFields(required, []))) {
    if (!equalJson(value, getKey(manifest, key) ?? null))
      throw invalidChartError(
        file,
        key,
        'takes the place of the value in Chart.yaml for Helm; set it in Chart.yaml only',
      );
  }
}

/** Merges dependencies as Go reads a second list into a first: item over item, as many as the second has. */
function overlayDependencies(
  first: readonly Dependency[],
  second: readonly Dependency[] | undefined,
): Dependency[] {
  if (!second) return [...first];
  return second.map((item, index) => {
    const below = first[index];
    return below ? { ...below, ...item, name: item.name || below.name } : item;
  });
}

/**
 * Checks a lock file, which Helm's loader parses and nothing else reads.
 * @throws RegistryError `chart.invalid`
 */
function checkLockFile(content: Buffer, file: string, budget: YamlBudget): void {
  const { data, texts, fail } = readFields(content, file, budget);
  checkLock(data, texts, fail);
}

/**
 * Reads a file that is a map or empty, as data and with all scalars as texts.
 * @throws RegistryError `chart.invalid`
 */
function readFields(
  content: Buffer,
  file: string,
  budget: YamlBudget,
): { data: JsonObject; texts: JsonObject; fail: ThrowFieldError } {
  const source: YamlSource = { file, code: 'chart.invalid', budget };
  const { data, strings } = parseYamlDataAndStrings(decodeYaml(content, source), source);
  if (data !== null && !isObject(data))
    throw new RegistryError('chart.invalid', `${file} is not a map of keys and values`);
  const fail: ThrowFieldError = (field, problem) => {
    throw invalidChartError(file, field, problem);
  };
  return { data: data ?? {}, texts: isObject(strings) ? strings : {}, fail };
}

function readTypedManifest(
  content: Buffer,
  file: string,
  budget: YamlBudget,
): { manifest: JsonObject; dependencies: Dependency[] | undefined } {
  const fields = readFields(content, file, budget);
  const { fail } = fields;
  const { dependencies: items, ...plain } = foldManifestKeys(fields.data, fail);
  const { dependencies: texts, ...texted } = foldManifestKeys(fields.texts);
  const manifest = convertManifest(plain, texted, fail);
  if (items === undefined) return { manifest, dependencies: undefined };
  // Null empties a list that was read before.
  if (items === null) return { manifest, dependencies: [] };
  if (!Array.isArray(items)) return fail('dependencies', 'must be a list');
  const dependencies = items.map((item, index) => {
    const field = `dependencies[${index}]`;
    const typed = convertDependency(item, parsedItemAt(texts, index), field, fail);
    return { ...typed, name: text(typed, 'name') };
  });
  return { manifest, dependencies };
}

function checkDependencies(dependencies: Dependency[], file: string): Dependency[] {
  const usedNames = new Set<string>();
  for (const [index, dependency] of dependencies.entries()) {
    const field = `dependencies[${index}]`;
    if (dependency.alias && !aliasPattern.test(dependency.alias)) {
      throw invalidChartError(
        file,
        `${field}.alias`,
        `${JSON.stringify(dependency.alias)} may have letters, digits, '_' and '-' only`,
      );
    }
    const key = dependency.alias || dependency.name;
    if (usedNames.has(key))
      throw invalidChartError(file, field, `is another one with the name or alias ${JSON.stringify(key)}`);
    usedNames.add(key);
  }
  return dependencies;
}

function text(manifest: JsonObject, key: string): string {
  const value: Json | undefined = getKey(manifest, key);
  return typeof value === 'string' ? value : '';
}

function invalidChartError(file: string, field: string, problem: string): RegistryError {
  return new RegistryError('chart.invalid', `${file}: ${field} ${problem}`, { file, field });
}
