import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';
import { parseYamlMap, readEvents, stringifyYaml, type YamlSource } from './yaml.ts';
import { type Entry, findEntries } from './yaml-layout.ts';

interface Splice {
  from: number;
  to: number;
  text: string;
}

/**
 * A YAML text whose value is exactly `target` and which keeps as much of `text` as it can: what is not touched stays
 * byte for byte, with its comments, quotes and order. New keys stand at the end of their map, in the order of `target`.
 *
 * Every result is parsed again and compared; where it would mean anything else, and where the layout cannot be edited
 * line by line (braces, merge keys, several documents), the whole text is written anew.
 */
export function rewriteYaml(text: string, target: JsonObject): string {
  const source: YamlSource = { file: 'the text', code: 'values.invalid' };
  for (const candidate of [() => text, () => editText(text, target, source)]) {
    const result = attempt(candidate);
    const value = result === undefined ? undefined : attempt(() => parseYamlMap(result, source));
    if (result !== undefined && value !== undefined && equalJson(value, target)) return result;
  }
  return stringifyYaml(target);
}

/** A text that cannot be read or edited is no error here: it is written anew. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function editText(given: string, target: JsonObject, source: YamlSource): string | undefined {
  const { text, events } = readEvents(given, source);
  const mark = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (events.length === 0) return mark + endLine(text, newline) + render(target, 0, newline);
  const entries = findEntries(text, events);
  if (!entries) return undefined;
  const splices: Splice[] = [];
  editMap(text, entries, parseYamlMap(text, source), target, newline, splices);
  splices.sort((left, right) => left.from - right.from || left.to - right.to);
  let result = mark;
  let from = 0;
  for (const splice of splices) {
    if (splice.from < from) return undefined;
    result += text.slice(from, splice.from);
    if (splice.text.endsWith(newline) && result !== mark && !result.endsWith('\n')) result += newline;
    result += splice.text;
    from = splice.to;
  }
  return result + text.slice(from);
}

function editMap(
  text: string,
  entries: readonly Entry[],
  value: JsonObject,
  target: JsonObject,
  newline: string,
  splices: Splice[],
): void {
  const column = entries[0]?.column ?? 0;
  const known = new Set(entries.map((entry) => entry.key));
  for (const entry of entries) {
    const before = getKey(value, entry.key) ?? null;
    const after = getKey(target, entry.key);
    if (after === undefined) splices.push({ from: entry.lineStart, to: entry.lineEnd, text: '' });
    else if (!equalJson(before, after)) editEntry(text, entry, before, after, newline, splices);
  }
  const added: JsonObject = {};
  for (const key of Object.keys(target)) if (!known.has(key)) setKey(added, key, getKey(target, key) ?? null);
  const end = entries.at(-1)?.lineEnd ?? 0;
  if (Object.keys(added).length > 0)
    splices.push({ from: end, to: end, text: render(added, column, newline) });
}

function editEntry(
  text: string,
  entry: Entry,
  before: Json,
  after: Json,
  newline: string,
  splices: Splice[],
): void {
  if (entry.entries && isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    editMap(text, entry.entries, before, after, newline, splices);
    return;
  }
  const { inline } = entry;
  const short = isCollection(after) ? '' : stringifyYaml(after).trimEnd();
  if (inline && short !== '' && !short.includes('\n')) {
    const gap = text[inline.start - 1] === ':' ? ' ' : '';
    splices.push({ from: inline.start, to: inline.end, text: gap + short });
    return;
  }
  const pair: JsonObject = {};
  setKey(pair, entry.key, after);
  const rendered = render(pair, entry.column, newline);
  const first = rendered.indexOf(newline);
  const comment = inline ? /^[ \t]+#[^\r\n]*/.exec(text.slice(inline.end))?.[0] : undefined;
  const keep = comment !== undefined && rendered[first - 1] === ':' ? comment : '';
  splices.push({
    from: entry.lineStart,
    to: entry.lineEnd,
    text: rendered.slice(0, first) + keep + rendered.slice(first),
  });
}

function isCollection(value: Json): boolean {
  return isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

function render(value: JsonObject, column: number, newline: string): string {
  if (Object.keys(value).length === 0) return '';
  const lines = stringifyYaml(value).trimEnd().split('\n');
  return lines.map((line) => (line === '' ? newline : ' '.repeat(column) + line + newline)).join('');
}

function endLine(text: string, newline: string): string {
  return text === '' || text.endsWith('\n') ? text : text + newline;
}
