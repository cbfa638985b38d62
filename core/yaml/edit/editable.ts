import { equalJson, getKey, type JsonObject, setKey } from '../json.ts';
import { constructMap, parseFirstDocument, parseYamlMap } from '../yaml.ts';
import type { YamlBudget } from '../yaml-source.ts';
import { createYamlBudget, type YamlSource } from '../yaml-source.ts';
import { spentOf } from './edit-cost.ts';
import { type Entry, findLayout, type ValuePlace } from './layout.ts';
import { newlineOf } from './lines.ts';
import { collectRepeats, type Repeat } from './repeats.ts';

/** Parsed YAML text with the places of its values, so that editing need not parse it again. */
export interface Editable {
  /** Text without byte order marks. */
  text: string;
  /** Byte order marks before the text. */
  mark: string;
  newline: string;
  /** Place of the first document's value; undefined without a document, `unknown` where places were not found. */
  root: ValuePlace | undefined | 'unknown';
  /** Offset of the end of the first document. */
  end: number;
  value: JsonObject;
  /** Budget that reading the text took. */
  cost: YamlBudget;
  /** Aliases in the text. */
  repeats: readonly Repeat[];
  /** Whether the text has an anchor. */
  anchored: boolean;
  /** Keys merged by each merge key, by the merge key's offset. */
  merges: ReadonlyMap<number, readonly string[]>;
  /** Whether a line end behind the text would become part of its last value. */
  open: boolean;
  /** Whether each key's lines have the same meaning alone, so that a change can be checked by its lines. */
  local: boolean;
}

const textSource: YamlSource = { file: 'the text', code: 'values.invalid' };

/** Parses a text. Returns undefined for an invalid one or no map, which the editor renders anew. */
export function attemptYaml(text: string, budget = createYamlBudget()): JsonObject | undefined {
  try {
    return parseYamlMap(text, { ...textSource, budget });
  } catch {
    return undefined;
  }
}

/**
 * Parses a text for editing. `local` stays false until {@link markLineEditable} has checked it.
 * @returns undefined where the text cannot be read as a map
 */
export function readEditable(original: string): Editable | undefined {
  try {
    return buildEditable(original);
  } catch {
    return undefined;
  }
}

function buildEditable(original: string): Editable {
  const budget = createYamlBudget();
  const parsed = parseFirstDocument(original, { ...textSource, budget });
  const { text, document } = parsed;
  const { repeats, merges, observer } = collectRepeats();
  const value = constructMap(parsed, textSource, budget, observer);
  const mark = original.slice(0, original.length - text.length);
  const events = document?.events ?? [];
  const anchored = events.some((event) => 'anchor' in event && event.anchor !== '');
  const last = events.findLast((event) => event.type === 'scalar');
  const block = last && (last.style === 'literal' || last.style === 'folded');
  const open = block === true && last.to === text.length && !/[\r\n]$/.test(text);
  const root = document && (findLayout(text, document) ?? 'unknown');
  const end = document?.end ?? text.length;
  const cost = spentOf(budget);
  const newline = newlineOf(text);
  return { text, mark, newline, root, end, value, cost, repeats, anchored, merges, open, local: false };
}

/**
 * Checks whether each key's lines have the same meaning alone, and sets `local`.
 * They do not where there are anchors, a repeated key, or block scalars that keep the blank lines below them.
 *
 * @param original text of which the editable was made
 */
export function markLineEditable(editable: Editable, original: string): Editable {
  return { ...editable, local: editable.text === original && isLineEditable(editable) };
}

/** Pattern of a block scalar's header with "keep" chomping (`+`). Blank lines below are part of its value then. */
export const keepChompingPattern = /[|>][0-9]?\+/;

function isLineEditable({ text, root, value, anchored, end }: Editable): boolean {
  if (!root || root === 'unknown' || root.kind !== 'map' || root.flow || anchored) return false;
  if (root.entries[0]?.column !== 0 || end < text.length) return false;
  // U+FFFD may stand for bytes that are not UTF-8, whose offsets in the file would differ.
  if (keepChompingPattern.test(text) || /^---|\r(?!\n)|[\uFFFD\x85\u2028\u2029]/m.test(text)) return false;
  if (!areKeysDistinct(root.entries)) return false;
  return root.entries.every((entry) =>
    parsesTo(text.slice(entry.lineStart, entry.lineEnd), entry.key, value),
  );
}

/** Tells whether lines parse to the one key with its value in the map. */
export function parsesTo(lines: string, key: string, map: JsonObject): boolean {
  const expected: JsonObject = {};
  setKey(expected, key, getKey(map, key) ?? null);
  return equalJson(attemptYaml(lines) ?? null, expected);
}

function areKeysDistinct(entries: readonly Entry[]): boolean {
  if (new Set(entries.map(({ key }) => key)).size < entries.length) return false;
  return entries.every(
    ({ sharesLine, merge, explicit, value }) =>
      !sharesLine && !merge && !explicit && areKeysDistinct(value.entries),
  );
}
