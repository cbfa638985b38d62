import {
  DUMP_SCHEMA,
  defineScalarTag,
  dump,
  type Event,
  NOT_RESOLVED,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { type ErrorCode, RegistryError } from '../errors.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';
import { constructDocuments, maxYamlDepth, type YamlBudget } from './yaml-construct.ts';
import { repairFlow } from './yaml-repair.ts';
import { resolveScalar } from './yaml-scalar.ts';
import { YamlProblem } from './yaml-tags.ts';

/** Where a text comes from, for messages: the file's path in the archive, and the code of the error it may cause. */
export interface YamlSource {
  file: string;
  code: ErrorCode;
  /** What may still be read; a fresh one for each text where it is left out. */
  budget?: YamlBudget;
}

/** Enough for the largest chart in use many times over, and too little to exhaust a process. */
export function createYamlBudget(): YamlBudget {
  return { text: 8 * 1024 * 1024, nodes: 150_000, units: 32 * 1024 * 1024 };
}

/** More places where a node could begin than this are refused before parsing, because parsing keeps an event for each. */
const maxEvents = 200_000;

/**
 * Reads a text as Helm reads values.yaml: every document must be a map or empty, and later ones are merged over earlier
 * ones (Helm 4; Helm 3 reads the first document only, so a text of one document means the same in both).
 *
 * @throws RegistryError with the code of `source` when the text is not YAML, not a map, or too large or deep.
 */
export function parseYamlMap(text: string, source: YamlSource): JsonObject {
  return mergeMaps(readDocuments(text, source, 'json'), source);
}

/**
 * Reads values.yaml as both majors of Helm do.
 * @returns `firstValues` where Helm 3, which reads the first document only, finds other values than Helm 4
 * @throws RegistryError as {@link parseYamlMap} does
 */
export function parseValues(
  text: string,
  source: YamlSource,
): { values: JsonObject; firstValues?: JsonObject } {
  const documents = readDocuments(text, source, 'json');
  if (documents.length < 2) return { values: mergeMaps(documents, source) };
  const firstValues = mergeMaps(structuredClone(documents.slice(0, 1)), source);
  const values = mergeMaps(documents, source);
  return equalJson(firstValues, values) ? { values } : { values, firstValues };
}

/** @throws RegistryError with the code of `source` when a document is neither a map nor empty. */
function mergeMaps(documents: readonly Json[], source: YamlSource): JsonObject {
  let result: JsonObject = {};
  for (const document of documents) {
    if (document === null) continue;
    if (!isObject(document)) {
      throw new RegistryError(
        source.code,
        `${source.file} must be a map of keys and values, but is ${kindOf(document)}`,
      );
    }
    result = mergeDocuments(result, document);
  }
  return result;
}

/**
 * Reads the first document of a text twice over: as data, and with every number and boolean as the string that Helm
 * makes of it where it wants a string (`version: 1.10` is "1.1", `yes` is "true").
 *
 * @throws RegistryError with the code of `source`
 */
export function parseYamlTyped(text: string, source: YamlSource): { data: Json; strings: Json } {
  const budget = source.budget ?? createYamlBudget();
  const parsed = readEvents(text, source);
  const data = construct(parsed, 'json', source, budget)[0] ?? null;
  const strings = construct(parsed, 'text', source, budget)[0] ?? null;
  return { data, strings };
}

/**
 * Writes YAML that means the same to every parser: what a YAML 1.1 or 1.2 reader, or Go's, could take for something
 * other than a string is quoted. Keys stay in order, lines are not folded, nothing is aliased.
 */
export function stringifyYaml(value: Json): string {
  // Without the end of the document that js-yaml marks behind blank lines: other keys may follow.
  return dump(value, { schema: dumpSchema, lineWidth: -1, noRefs: true }).replace(/^\.\.\.\n$/m, '');
}

function readDocuments(text: string, source: YamlSource, numbers: 'json' | 'text'): Json[] {
  return construct(readEvents(text, source), numbers, source, source.budget ?? createYamlBudget());
}

/** The parser's events, and the text that their offsets point into, which may have more spaces than the one given. */
export interface ParsedYaml {
  text: string;
  events: Event[];
}

/** @throws RegistryError with the code of `source` */
export function readEvents(given: string, source: YamlSource): ParsedYaml {
  const text = given.startsWith('\uFEFF') ? given.slice(1) : given;
  if (source.budget) {
    // Comments cost time too.
    source.budget.text -= text.length;
    if (source.budget.text < 0)
      throw new RegistryError(source.code, `${source.file} makes too much YAML in all`);
  }
  if (text.length > maxEvents && countPlaces(text) > maxEvents) {
    throw new RegistryError(source.code, `${source.file} has too many entries`);
  }
  try {
    return { text, events: parseEvents(text, { maxDepth: maxYamlDepth }) };
  } catch (error) {
    const repaired = repairFlow(text);
    if (repaired === text) throw explain(error, text, source);
    try {
      return { text: repaired, events: parseEvents(repaired, { maxDepth: maxYamlDepth }) };
    } catch {
      // The first error speaks of the text as it was sent.
      throw explain(error, text, source);
    }
  }
}

function construct(
  parsed: ParsedYaml,
  numbers: 'json' | 'text',
  source: YamlSource,
  budget: YamlBudget,
): Json[] {
  try {
    return constructDocuments(parsed.text, parsed.events, numbers, budget);
  } catch (error) {
    throw explain(error, parsed.text, source);
  }
}

function explain(error: unknown, text: string, source: YamlSource): unknown {
  if (error instanceof YamlProblem) {
    const before = text.slice(0, error.offset).split('\n');
    return invalid(source, error.message, before.length, (before.at(-1)?.length ?? 0) + 1);
  }
  if (error instanceof YAMLException) {
    const { mark, reason } = error;
    return invalid(source, reason, (mark?.line ?? 0) + 1, (mark?.column ?? 0) + 1);
  }
  if (error instanceof RangeError) return invalid(source, 'it is too large or too deep', 1, 1);
  return error;
}

function invalid(source: YamlSource, reason: string, line: number, column: number): RegistryError {
  const message = `${source.file} is not valid YAML: ${reason} (line ${line}, column ${column})`;
  return new RegistryError(source.code, message, { line, column });
}

function countPlaces(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 10 || unit === 44 || unit === 58 || unit === 45) count++;
  }
  return count;
}

function mergeDocuments(base: JsonObject, over: JsonObject): JsonObject {
  for (const key of Object.keys(over)) {
    const value = over[key] ?? null;
    const before = getKey(base, key);
    setKey(base, key, isObject(value) && isObject(before) ? mergeDocuments(before, value) : value);
  }
  return base;
}

function kindOf(value: Json): string {
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

// Strings that this tag resolves are quoted: Go takes more spellings for numbers than the schema knows, such as 0X1F.
const helmScalar = defineScalarTag('tag:helm.sh,2026:scalar', {
  implicit: true,
  resolve: (source, isExplicit) =>
    isExplicit || resolveScalar(source)?.kind === 'string' ? NOT_RESOLVED : true,
  identify: () => false,
});

const dumpSchema = DUMP_SCHEMA.withTags(helmScalar);
