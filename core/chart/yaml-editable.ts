import { equalJson, getKey, type JsonObject, setKey } from './json.ts';
import { createYamlBudget, parseYamlMap, readEvents, type YamlSource } from './yaml.ts';
import type { YamlBudget } from './yaml-construct.ts';
import { spentOf } from './yaml-cost.ts';
import { type Entry, findEntries } from './yaml-layout.ts';
import { endsInBlock } from './yaml-text.ts';

/** A YAML text taken apart, so that it can be edited without being read again. */
export interface Editable {
  /** Without a byte order mark. */
  text: string;
  mark: string;
  newline: string;
  /** Where its keys stand; undefined where it cannot be edited line by line. */
  entries: readonly Entry[] | undefined;
  value: JsonObject;
  /** What reading it took. */
  cost: YamlBudget;
  /** Whether a part of the text has a name by which others repeat it. */
  anchored: boolean;
  /** Whether a line end behind the text would be part of its last value. */
  open: boolean;
  /** Whether lines mean alone what they mean in the text, so that a change of theirs can be judged by them. */
  local: boolean;
}

const source: YamlSource = { file: 'the text', code: 'values.invalid' };

/** What a text means; undefined when it is no map. That is no error here: such a text is written anew. */
export function attemptYaml(text: string, budget = createYamlBudget()): JsonObject | undefined {
  try {
    return parseYamlMap(text, { ...source, budget });
  } catch {
    return undefined;
  }
}

/** @returns undefined where the text cannot be read; `local` is false, {@link markLocal} finds out */
export function readEditable(given: string): Editable | undefined {
  const budget = createYamlBudget();
  const value = attemptYaml(given, budget);
  if (!value) return undefined;
  const mark = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  const { text, events } = readEvents(given, source);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const entries = events.length === 0 ? [] : findEntries(text, events);
  const anchored = events.some((event) => 'anchorStart' in event && event.anchorStart >= 0);
  const open = endsInBlock(text, events);
  return { text, mark, newline, entries, value, cost: spentOf(budget), anchored, open, local: false };
}

/**
 * Finds out whether each key's lines mean the same alone. Not so where one place gives another its meaning (anchors), a
 * key stands twice, or what follows a value counts for it (block scalars that keep their ends).
 *
 * @param given the text that the editable was made of
 */
export function markLocal(editable: Editable, given: string): Editable {
  return { ...editable, local: editable.text === given && isLocal(editable) };
}

/** A block scalar that keeps its last line ends; blank lines below it are part of it. */
export const keepsEnds = /[|>][0-9]?\+/;

function isLocal({ text, entries, value, anchored }: Editable): boolean {
  if (entries?.[0]?.column !== 0 || anchored) return false;
  // U+FFFD: there may have been bytes that are no text.
  if (keepsEnds.test(text) || /\r(?!\n)|\uFFFD/.test(text)) return false;
  if (!areDistinct(text, entries)) return false;
  return entries.every((entry) => means(text.slice(entry.lineStart, entry.lineEnd), entry.key, value));
}

/** Whether the lines say what the map says under the key, and nothing else. */
export function means(lines: string, key: string, map: JsonObject): boolean {
  const wanted: JsonObject = {};
  setKey(wanted, key, getKey(map, key) ?? null);
  return equalJson(attemptYaml(lines) ?? null, wanted);
}

function areDistinct(text: string, entries: readonly Entry[]): boolean {
  if (new Set(entries.map(({ key }) => key)).size < entries.length) return false;
  return entries.every(
    ({ lineStart, column, entries: inner }) =>
      /^ *$/.test(text.slice(lineStart, lineStart + column)) && (!inner || areDistinct(text, inner)),
  );
}
