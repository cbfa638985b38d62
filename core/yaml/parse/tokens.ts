import { YamlProblem } from '../yaml-source.ts';
import type { Cursor } from './cursor.ts';
import type { Directive, TagScan } from './scan-tag.ts';

/** Style of a scalar. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** Type of a token. */
export type TokenType =
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'stream-end'
  | 'block-list'
  | 'block-map'
  | 'block-end'
  | 'block-entry'
  | 'flow-list'
  | 'flow-list-end'
  | 'flow-map'
  | 'flow-map-end'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** Token of a text. */
export interface YamlToken {
  type: TokenType;
  start: number;
  end: number;
  /** Value of a scalar; name of an anchor or alias. */
  value: string;
  style: ScalarStyle;
  tag: TagScan | undefined;
  directive: Directive | undefined;
  /** Key that begins with this token if a colon follows in the same line. */
  key: SimpleKey | undefined;
}

/** Possible key of a map without a question mark. */
interface SimpleKey {
  possible: boolean;
  /** Whether the column allows a key only. */
  required: boolean;
  /** Number of the key's first token, counted from the start of the text. */
  number: number;
  start: number;
  lineStart: number;
  column: number;
}

/** Queue of scanned tokens, with the possible keys among them. */
export interface TokenQueue {
  /** Adds a token at the end. */
  push(type: TokenType, start: number, end: number): YamlToken;
  /** Inserts an empty token before the token with a number. */
  insert(number: number, type: TokenType, start: number): void;
  /** Returns the first token. */
  head(): YamlToken;
  /** Removes the first token. */
  shift(): void;
  /** Tells whether the first token is final: no token scanned later can make it a key. */
  isReady(cursor: Cursor): boolean;
  /** Notes that a key may begin at the cursor, in place of the level's last possible key. */
  saveKey(cursor: Cursor, required: boolean): void;
  /** Gives up the level's possible key. */
  removeKey(): void;
  /** Confirms the level's possible key at a colon and returns it; undefined where there is none. */
  confirmKey(cursor: Cursor): SimpleKey | undefined;
  /** Enters brackets or braces. */
  openLevel(): void;
  /** Leaves brackets or braces. */
  closeLevel(): void;
}

/** Largest number of characters from a key's start to its colon. */
const maxKeyLength = 1024;

/** Creates an empty queue. */
export function createTokenQueue(): TokenQueue {
  let tokens: YamlToken[] = [];
  let first = 0;
  let removedCount = 0;
  const keys: (SimpleKey | undefined)[] = [undefined];
  let pending: SimpleKey | undefined;

  function create(type: TokenType, start: number, end: number): YamlToken {
    const key = pending;
    return { type, start, end, value: '', style: 'plain', tag: undefined, directive: undefined, key };
  }

  function isValid(key: SimpleKey, cursor: Cursor): boolean {
    if (!key.possible) return false;
    if (key.lineStart === cursor.lineStart && !isKeyTooLong(key, cursor)) return true;
    if (key.required) throw new YamlProblem('a line has no colon where a key is needed', key.start);
    key.possible = false;
    return false;
  }

  function removeKey(): void {
    const key = keys[keys.length - 1];
    if (!key?.possible) return;
    if (key.required) throw new YamlProblem('a line has no colon where a key is needed', key.start);
    key.possible = false;
  }

  return {
    push(type, start, end) {
      const token = create(type, start, end);
      pending = undefined;
      tokens.push(token);
      return token;
    },
    insert(number, type, start) {
      const key = pending;
      pending = undefined;
      tokens.splice(first + number - removedCount, 0, create(type, start, start));
      pending = key;
    },
    head() {
      const token = tokens[first];
      if (!token) throw new YamlProblem('there is nothing more to read', 0);
      return token;
    },
    shift() {
      first++;
      removedCount++;
      if (first === tokens.length) tokens.length = 0;
      else if (first > 1000) tokens = tokens.slice(first);
      else return;
      first = 0;
    },
    isReady(cursor) {
      const head = tokens[first];
      return head !== undefined && !(head.key && isValid(head.key, cursor));
    },
    saveKey({ position, lineStart }, required) {
      removeKey();
      const number = removedCount + tokens.length - first;
      pending = {
        possible: true,
        required,
        number,
        start: position,
        lineStart,
        column: position - lineStart,
      };
      keys[keys.length - 1] = pending;
    },
    removeKey,
    confirmKey(cursor) {
      const key = keys[keys.length - 1];
      if (!key || !isValid(key, cursor)) return undefined;
      key.possible = false;
      return key;
    },
    openLevel() {
      keys.push(undefined);
    },
    closeLevel() {
      keys.pop();
    },
  };
}

/** Tells whether a key is too long. Go counts code points, JavaScript UTF-16 units, so long keys are counted again. */
function isKeyTooLong(key: SimpleKey, { position, text }: Cursor): boolean {
  const units = position - key.start;
  if (units <= maxKeyLength) return false;
  return units > 2 * maxKeyLength || [...text.slice(key.start, position)].length > maxKeyLength;
}
