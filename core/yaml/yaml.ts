import { DUMP_SCHEMA, defineScalarTag, dump, NOT_RESOLVED } from 'js-yaml';
import { RegistryError } from '../errors.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';
import { constructDocument, type RepeatObserver } from './parse/construct.ts';
import { cleanYaml } from './parse/decode.ts';
import type { EventDocument } from './parse/events.ts';
import { parseDocument } from './parse/parse-document.ts';
import { resolveScalar } from './parse/scalar.ts';
import { splitDocuments } from './parse/split-documents.ts';
import { createYamlBudget, type YamlBudget, YamlProblem, type YamlSource } from './yaml-source.ts';

/**
 * Parses a text as Helm 4 reads values.yaml: later documents are merged over earlier ones.
 * Each document must be a map or empty. Helm 3 reads the first document only, so both agree on a text of one document.
 *
 * @throws RegistryError with the code of `source` where Helm 3 or 4 cannot load the text, or it is too large or deep
 */
export function parseYamlMap(text: string, source: YamlSource): JsonObject {
  return constructMap(parseFirstDocument(text, source), source, source.budget ?? createYamlBudget());
}

/**
 * Constructs the value of {@link parseYamlMap} from a text that is already parsed.
 * @throws RegistryError with the code of `source`
 */
export function constructMap(
  parsed: ParsedYaml,
  source: YamlSource,
  budget: YamlBudget,
  observer?: RepeatObserver,
): JsonObject {
  const { first, documents } = constructFirstAndAllDocuments(parsed, source, budget, observer);
  return documents.length < 2 ? first : documents.reduce(mergeDocuments, {});
}

/**
 * Parses values.yaml as Helm 3 and Helm 4 do.
 * @returns `values` as Helm 4 reads them, and `firstValues` where Helm 3, which reads the first document only, differs
 * @throws RegistryError as {@link parseYamlMap} does
 */
export function parseValuesYaml(
  text: string,
  source: YamlSource,
): { values: JsonObject; firstValues?: JsonObject } {
  const { first, documents } = constructFirstAndAllDocuments(
    parseFirstDocument(text, source),
    source,
    source.budget ?? createYamlBudget(),
  );
  if (documents.length < 2) return { values: first };
  const values = documents.reduce(mergeDocuments, {});
  return equalJson(first, values) ? { values } : { values, firstValues: first };
}

/**
 * Constructs the first document, as Helm 3 reads it, and all documents, as Helm 4 does.
 * @returns `documents` is empty where the text has one document
 */
function constructFirstAndAllDocuments(
  parsed: ParsedYaml,
  source: YamlSource,
  budget: YamlBudget,
  observer?: RepeatObserver,
): { first: JsonObject; documents: JsonObject[] } {
  const first = requireMap(constructFirstDocument(parsed, 'json', source, budget, observer), source);
  const parts = rethrowWithLocation(parsed.text, source, () => splitDocuments(parsed.text));
  if (parts.length < 2) return { first, documents: [] };
  const documents = parts.map(({ text, start }) => {
    // Errors count lines from the start of the whole text.
    const document = rethrowWithLocation(parsed.text, source, () => parseDocument(text), start);
    const value = rethrowWithLocation(
      parsed.text,
      source,
      () => (document ? constructDocument(document.events, 'json', budget) : null),
      start,
    );
    return requireMap(value, source);
  });
  return { first, documents };
}

function requireMap(value: Json, source: YamlSource): JsonObject {
  if (value === null) return {};
  if (isObject(value)) return value;
  throw new RegistryError(
    source.code,
    `${source.file} must be a map of keys and values, but is ${describeKind(value)}`,
  );
}

/**
 * Parses a text's first document twice: as data, and with numbers and booleans as strings. The strings are those of
 * Helm's fields that have to be strings: `version: 1.10` is "1.1", `yes` is "true".
 *
 * @throws RegistryError with the code of `source`
 */
export function parseYamlDataAndStrings(text: string, source: YamlSource): { data: Json; strings: Json } {
  const budget = source.budget ?? createYamlBudget();
  const parsed = parseFirstDocument(text, source);
  const data = constructFirstDocument(parsed, 'json', source, budget);
  const strings = constructFirstDocument(parsed, 'text', source, budget);
  return { data, strings };
}

/**
 * Parses a text's first document as the strings of {@link parseYamlDataAndStrings}.
 * @throws RegistryError with the code of `source`
 */
export function parseYamlStrings(text: string, source: YamlSource): Json {
  const budget = source.budget ?? createYamlBudget();
  return constructFirstDocument(parseFirstDocument(text, source), 'text', source, budget);
}

/**
 * Writes YAML that has the same meaning in every parser.
 * Strings that a YAML 1.1, YAML 1.2 or Go parser could take for another type are quoted. Keys stay in order, lines are
 * not folded, and there are no aliases.
 */
export function stringifyYaml(value: Json): string {
  // Remove the end mark that js-yaml writes behind blank lines, because other keys may follow.
  return dump(value, { schema: dumpSchema, lineWidth: -1, noRefs: true }).replace(/^\.\.\.\n$/m, '');
}

/** First document of a text, with the text that its offsets refer to: without byte order marks. */
export interface ParsedYaml {
  text: string;
  document: EventDocument | undefined;
}

/**
 * Parses the first document of a text, and charges the source's budget with the text.
 * @throws RegistryError with the code of `source`
 */
export function parseFirstDocument(original: string, source: YamlSource): ParsedYaml {
  if (source.budget) {
    // Charge comments as well, because the scanner reads them.
    source.budget.text -= original.length;
    if (source.budget.text < 0)
      throw new RegistryError(source.code, `${source.file} makes too much YAML in all`);
  }
  const text = rethrowWithLocation(original, source, () => cleanYaml(original));
  return { text, document: rethrowWithLocation(text, source, () => parseDocument(text)) };
}

function constructFirstDocument(
  { text, document }: ParsedYaml,
  numbers: 'json' | 'text',
  source: YamlSource,
  budget: YamlBudget,
  observer?: RepeatObserver,
): Json {
  if (!document) return null;
  return rethrowWithLocation(text, source, () =>
    constructDocument(document.events, numbers, budget, observer),
  );
}

/**
 * Turns problems of a part of a text into errors with the file, line and column.
 * @param start offset at which the part begins
 */
function rethrowWithLocation<T>(text: string, source: YamlSource, read: () => T, start = 0): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    const lines = text.slice(0, start + error.offset).split(/\r\n|[\n\r\x85\u2028\u2029]/);
    throw createInvalidYamlError(source, error.message, lines.length, (lines.at(-1)?.length ?? 0) + 1);
  }
}

function createInvalidYamlError(
  source: YamlSource,
  reason: string,
  line: number,
  column: number,
): RegistryError {
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

function describeKind(value: Json): string {
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

// js-yaml quotes strings that this tag resolves. Go reads more spellings as numbers than js-yaml's schema, such as 0X1F.
const helmScalarTag = defineScalarTag('tag:helm.sh,2026:scalar', {
  implicit: true,
  resolve: (source, isExplicit) =>
    isExplicit || resolveScalar(source).kind === 'string' ? NOT_RESOLVED : true,
  identify: () => false,
});

const dumpSchema = DUMP_SCHEMA.withTags(helmScalarTag);
