import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { isAlias, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import { findNearestKey } from '../runtime/nearest-name.ts';
import { StartError } from '../runtime/startup-error.ts';
import { checkDocument, toValue } from './check-document.ts';

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
  const [document, second] = documents;
  // A second document may have the first fault, where the first one ended too early.
  for (const each of documents) checkDocument(each, text, placeOf);
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
      const at = placeOf(startOffsetOf(key));
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
    const value = document ? toValue(node, document, place) : undefined;
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
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(
      error.code === 'ENOENT'
        ? `there is no file ${file}; give --config the path of one, or leave it out`
        : `cannot read ${file} (${error.code ?? error.message}); check its owner and mode`,
    );
  });
  // Other bytes would be replaced, also in passwords.
  if (!isUtf8(bytes)) throw new StartError(`${file} is not UTF-8; save it in that encoding`);
  return bytes.toString('utf8');
}

function startOffsetOf(key: unknown): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}
