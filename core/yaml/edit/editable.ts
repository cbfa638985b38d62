import { equalJson, getKey, type JsonObject, setKey } from '../json.ts';
import type { YamlBudget } from '../parse/construct.ts';
import { createYamlBudget, parseYamlMap, readMap, readYaml, type YamlSource } from '../yaml.ts';
import { spentOf } from './edit-cost.ts';
import { type Entry, findLayout, type Place } from './layout.ts';
import { newlineOf } from './lines.ts';
import { type Repeat, readRepeats } from './repeats.ts';

/** A YAML text taken apart, so that it can be edited without being read again. */
export interface Editable {
  /** Without a byte order mark. */
  text: string;
  mark: string;
  newline: string;
  /** Where its values stand; undefined where there are none, `unknown` where they cannot be found again. */
  root: Place | undefined | 'unknown';
  /** Where the document ends. */
  end: number;
  value: JsonObject;
  /** What reading it took. */
  cost: YamlBudget;
  /** Parts of the text that others repeat by their names. */
  repeats: readonly Repeat[];
  /** Whether a part of the text has a name by which others may repeat it. */
  anchored: boolean;
  /** Keys that merge keys bring, by the offset of the merge key. */
  merges: ReadonlyMap<number, readonly string[]>;
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
  try {
    return takeApart(given);
  } catch {
    return undefined;
  }
}

function takeApart(given: string): Editable {
  const budget = createYamlBudget();
  const parsed = readYaml(given, { ...source, budget });
  const { text, document } = parsed;
  const { repeats, merges, watch } = readRepeats();
  const value = readMap(parsed, source, budget, watch);
  const mark = given.slice(0, given.length - text.length);
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

function isLocal({ text, root, value, anchored, end }: Editable): boolean {
  if (!root || root === 'unknown' || root.kind !== 'map' || root.flow || anchored) return false;
  if (root.entries[0]?.column !== 0 || end < text.length) return false;
  // U+FFFD: there may have been bytes that are no text.
  if (keepsEnds.test(text) || /^---|\r(?!\n)|[\uFFFD\x85\u2028\u2029]/m.test(text)) return false;
  if (!areDistinct(root.entries)) return false;
  return root.entries.every((entry) => means(text.slice(entry.lineStart, entry.lineEnd), entry.key, value));
}

/** Whether the lines say what the map says under the key, and nothing else. */
export function means(lines: string, key: string, map: JsonObject): boolean {
  const wanted: JsonObject = {};
  setKey(wanted, key, getKey(map, key) ?? null);
  return equalJson(attemptYaml(lines) ?? null, wanted);
}

function areDistinct(entries: readonly Entry[]): boolean {
  if (new Set(entries.map(({ key }) => key)).size < entries.length) return false;
  return entries.every(
    ({ shared, merge, explicit, value }) => !shared && !merge && !explicit && areDistinct(value.entries),
  );
}
