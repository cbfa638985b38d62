import { YamlProblem } from '../yaml-problem.ts';
import type { Cursor } from './cursor.ts';
import type { Directive, TagScan } from './scan-tag.ts';

export type Style = 'plain' | 'single' | 'double' | 'literal' | 'folded';

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

export interface Token {
  type: TokenType;
  start: number;
  end: number;
  /** Text of a scalar, name of an anchor or alias. */
  value: string;
  style: Style;
  tag: TagScan | undefined;
  directive: Directive | undefined;
  /** Key that may begin with this token, which only a colon in the same line tells. */
  key: SimpleKey | undefined;
}

interface SimpleKey {
  possible: boolean;
  /** Whether nothing but a key may stand here. */
  required: boolean;
  /** Place of its first token, counted from the first of the text. */
  number: number;
  start: number;
  lineStart: number;
  column: number;
}

/** Tokens that were scanned and not taken yet, and the keys that may still be found among them. */
export interface TokenQueue {
  push(type: TokenType, start: number, end: number): Token;
  /** Puts an empty token before the one of that number. */
  insert(number: number, type: TokenType, start: number): void;
  head(): Token;
  shift(): void;
  /** Whether nothing that is scanned later can change what the first token is. */
  isReady(cursor: Cursor): boolean;
  saveKey(cursor: Cursor, required: boolean): void;
  removeKey(): void;
  /** The key that a colon makes of what stands before it, if it does. */
  takeKey(cursor: Cursor): SimpleKey | undefined;
  openLevel(): void;
  closeLevel(): void;
}

/** Characters that a key may have, up to its colon. */
const maxKey = 1024;

export function createTokenQueue(): TokenQueue {
  let tokens: Token[] = [];
  let first = 0;
  let taken = 0;
  const keys: (SimpleKey | undefined)[] = [undefined];
  let pending: SimpleKey | undefined;

  function create(type: TokenType, start: number, end: number): Token {
    const key = pending;
    return { type, start, end, value: '', style: 'plain', tag: undefined, directive: undefined, key };
  }

  function isValid(key: SimpleKey, cursor: Cursor): boolean {
    if (!key.possible) return false;
    if (key.lineStart === cursor.lineStart && !isFar(key, cursor)) return true;
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
      tokens.splice(first + number - taken, 0, create(type, start, start));
      pending = key;
    },
    head() {
      const token = tokens[first];
      if (!token) throw new YamlProblem('there is nothing more to read', 0);
      return token;
    },
    shift() {
      first++;
      taken++;
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
      const number = taken + tokens.length - first;
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
    takeKey(cursor) {
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

/** Go counts characters, and those beyond U+FFFF are two units here. */
function isFar(key: SimpleKey, { position, text }: Cursor): boolean {
  const units = position - key.start;
  if (units <= maxKey) return false;
  return units > 2 * maxKey || [...text.slice(key.start, position)].length > maxKey;
}
