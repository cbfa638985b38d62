import { readFile } from 'node:fs/promises';
import { isAlias, isMap, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { findNearestKey } from '../runtime/nearest-name.ts';
import { StartError } from '../runtime/startup-error.ts';

/** Value of the file with its place for messages: `config.yaml:3:9`. */
export interface FileValue {
  value: unknown;
  place: string;
}

/**
 * Reads a YAML file of settings. A key without a value counts as absent.
 * @param known dotted keys of all settings
 * @returns values by their dotted key
 * @throws {StartError} with line and column: a file that is missing or no YAML, an unknown or doubled key
 */
export async function readSettingsFile(
  file: string,
  known: ReadonlySet<string>,
): Promise<Map<string, FileValue>> {
  const lines = new LineCounter();
  const text = await readText(file);
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
  });
  const documents = 'empty' in parsed ? [] : parsed;
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  for (const { errors } of documents) {
    const [error] = errors;
    if (error) throw new StartError(`${placeOf(error.pos[0])}: ${describeFault(error, text)}`);
  }
  const [document, second] = documents;
  if (second) {
    throw new StartError(
      `${placeOf(second.range[0])}: a second document begins here, and settings are read from one; remove the line ---`,
    );
  }
  const found = new Map<string, FileValue>();

  function collect(node: unknown, prefix: string, place: string): void {
    const target = isAlias(node) && document ? node.resolve(document) : node;
    if (target === null || target === undefined || (isScalar(target) && target.value === null)) return;
    if (!isMap(target)) {
      throw new StartError(`${place}: ${prefix === '' ? 'the file' : prefix} must be a mapping of settings`);
    }
    for (const { key, value } of target.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const dotted = prefix === '' ? name : `${prefix}.${name}`;
      const at = placeOf(startOf(key));
      if (known.has(dotted)) keep(dotted, value, at);
      else if (isFolder(dotted, known)) collect(value, dotted, at);
      else throw new StartError(`${at}: unknown key ${dotted}${suggest(dotted, known)}`);
    }
  }

  function keep(dotted: string, node: unknown, place: string): void {
    const before = found.get(dotted);
    if (before) {
      throw new StartError(
        `${place}: ${dotted} is set twice, first at ${before.place}; remove one of the two`,
      );
    }
    const value = isNode(node) && document ? node.toJS(document) : node;
    if (value !== null && value !== undefined) found.set(dotted, { value, place });
  }

  if (document) collect(document.contents, '', placeOf(0));
  return found;
}

function isFolder(dotted: string, known: ReadonlySet<string>): boolean {
  return [...known].some((key) => key.startsWith(`${dotted}.`));
}

function suggest(dotted: string, known: ReadonlySet<string>): string {
  const nearest = findNearestKey(dotted, known, 3);
  return nearest === undefined ? '; config.example.yaml lists the keys' : `; did you mean ${nearest}?`;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(
      error.code === 'ENOENT'
        ? `there is no file ${file}; give --config the path of one, or leave it out`
        : `cannot read ${file} (${error.code ?? error.message}); check its owner and mode`,
    );
  });
}

function describeFault(
  error: { code: string; message: string; pos: [number, number] },
  text: string,
): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^["']?([\w.-]+)/.exec(text.slice(error.pos[0]))?.[1] ?? 'this key';
    return `${key} occurs twice in one mapping; remove one, or join the two`;
  }
  // The parser's messages end with the place and an excerpt, which may contain a password.
  const [first = ''] = error.message.split('\n');
  return `this is no YAML: ${first.replace(/ at line \d+, column \d+:?$/, '')}`;
}

function startOf(key: unknown): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}

function isNode(value: unknown): value is Node {
  return (
    isScalar(value) ||
    isMap(value) ||
    isAlias(value) ||
    (value !== null && typeof value === 'object' && 'toJS' in value)
  );
}
