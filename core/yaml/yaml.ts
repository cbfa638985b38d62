import { DUMP_SCHEMA, defineScalarTag, dump, NOT_RESOLVED } from 'js-yaml';
import { type ErrorCode, RegistryError } from '../errors.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';
import { constructDocument, type Watch, type YamlBudget } from './parse/construct.ts';
import { cleanYaml } from './parse/decode.ts';
import type { YamlDocument } from './parse/events.ts';
import { parseDocument } from './parse/parse-document.ts';
import { resolveScalar } from './parse/scalar.ts';
import { splitDocuments } from './parse/split-documents.ts';
import { YamlProblem } from './yaml-problem.ts';

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

/**
 * Reads a text as Helm reads values.yaml: each document must be a map or empty, and later ones are merged over earlier
 * ones (Helm 4; Helm 3 reads the first document only, so a text of one document means the same in both).
 *
 * @throws RegistryError with the code of `source` when one of the two cannot load it, or it is too large or deep.
 */
export function parseYamlMap(text: string, source: YamlSource): JsonObject {
  return readMap(readYaml(text, source), source, source.budget ?? createYamlBudget());
}

/** Makes of a text that is parsed already what {@link parseYamlMap} does. @throws RegistryError with the code of `source` */
export function readMap(
  parsed: ParsedYaml,
  source: YamlSource,
  budget: YamlBudget,
  watch?: Watch,
): JsonObject {
  const { first, documents } = readMaps(parsed, source, budget, watch);
  return documents.length < 2 ? first : documents.reduce(mergeDocuments, {});
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
  const { first, documents } = readMaps(readYaml(text, source), source, source.budget ?? createYamlBudget());
  if (documents.length < 2) return { values: first };
  const values = documents.reduce(mergeDocuments, {});
  return equalJson(first, values) ? { values } : { values, firstValues: first };
}

/** Reads the first document of a text, as Helm 3 does, and where there are several all of them, as Helm 4 does. */
function readMaps(
  parsed: ParsedYaml,
  source: YamlSource,
  budget: YamlBudget,
  watch?: Watch,
): { first: JsonObject; documents: JsonObject[] } {
  const first = asMap(construct(parsed, 'json', source, budget, watch), source);
  const parts = explained(parsed.text, source, () => splitDocuments(parsed.text));
  if (parts.length < 2) return { first, documents: [] };
  const documents = parts.map(({ text, start }) => {
    // Lines are counted in the whole text.
    const document = explained(parsed.text, source, () => parseDocument(text), start);
    const value = explained(
      parsed.text,
      source,
      () => (document ? constructDocument(document.events, 'json', budget) : null),
      start,
    );
    return asMap(value, source);
  });
  return { first, documents };
}

function asMap(value: Json, source: YamlSource): JsonObject {
  if (value === null) return {};
  if (isObject(value)) return value;
  throw new RegistryError(
    source.code,
    `${source.file} must be a map of keys and values, but is ${kindOf(value)}`,
  );
}

/**
 * Reads the first document of a text twice over: as data, and with every number and boolean as the string that Helm
 * makes of it where it wants a string (`version: 1.10` is "1.1", `yes` is "true").
 *
 * @throws RegistryError with the code of `source`
 */
export function parseYamlTyped(text: string, source: YamlSource): { data: Json; strings: Json } {
  const budget = source.budget ?? createYamlBudget();
  const parsed = readYaml(text, source);
  const data = construct(parsed, 'json', source, budget);
  const strings = construct(parsed, 'text', source, budget);
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

/** First document of a text, and the text without byte order marks that its offsets point into. */
export interface ParsedYaml {
  text: string;
  document: YamlDocument | undefined;
}

/** @throws RegistryError with the code of `source` */
export function readYaml(given: string, source: YamlSource): ParsedYaml {
  if (source.budget) {
    // Comments cost time too.
    source.budget.text -= given.length;
    if (source.budget.text < 0)
      throw new RegistryError(source.code, `${source.file} makes too much YAML in all`);
  }
  const text = explained(given, source, () => cleanYaml(given));
  return { text, document: explained(text, source, () => parseDocument(text)) };
}

function construct(
  { text, document }: ParsedYaml,
  numbers: 'json' | 'text',
  source: YamlSource,
  budget: YamlBudget,
  watch?: Watch,
): Json {
  if (!document) return null;
  return explained(text, source, () => constructDocument(document.events, numbers, budget, watch));
}

/** Makes errors of the file of what goes wrong with a part of its text, which begins at `start`. */
function explained<T>(text: string, source: YamlSource, read: () => T, start = 0): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    const lines = text.slice(0, start + error.offset).split(/\r\n|[\n\r\x85\u2028\u2029]/);
    throw invalid(source, error.message, lines.length, (lines.at(-1)?.length ?? 0) + 1);
  }
}

function invalid(source: YamlSource, reason: string, line: number, column: number): RegistryError {
  const message = `${source.file} is not valid YAML: ${reason} (line ${line}, column ${column})`;
  return new RegistryError(source.code, message, { line, column });
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
    isExplicit || resolveScalar(source).kind === 'string' ? NOT_RESOLVED : true,
  identify: () => false,
});

const dumpSchema = DUMP_SCHEMA.withTags(helmScalar);
