import { YamlProblem } from '../yaml-source.ts';
import {
  type Cursor,
  charCodes,
  columnOf,
  createCursor,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  peek,
  readBreak,
  skipComment,
} from './cursor.ts';
import { scanBlock } from './scan-block.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { type Directive, scanAnchor, scanDirective, scanTag } from './scan-tag.ts';
import { createTokenQueue, type ScalarStyle, type TokenType, type YamlToken } from './tokens.ts';

/** Scanner of a text, which scans tokens on demand. */
export interface Scanner {
  /** Returns the next token. */
  peek(): YamlToken;
  /** Moves behind the token that `peek` returned last. */
  skip(): void;
}

/**
 * Creates a scanner with the rules of go.yaml.in/yaml/v2. Helm 3 and 4 read charts with it. All rules are those of
 * its scannerc.go, so that a text is refused exactly where Helm refuses it.
 *
 * @param text without a byte order mark
 */
export function createScanner(text: string): Scanner {
  const cursor: Cursor = createCursor(text);
  const queue = createTokenQueue();
  const indents: number[] = [];
  let indent = -1;
  let flowLevel = 0;
  let keyAllowed = true;

  function push(type: TokenType, start: number, end: number): YamlToken {
    return queue.push(type, start, end);
  }

  /**
   * Opens a block collection where a token is in a deeper column than the collection around it.
   * @param at number of the token before which the collection opens; undefined for the end of the queue
   */
  function rollIndent(column: number, at: number | undefined, type: TokenType, start: number): void {
    if (flowLevel > 0 || indent >= column) return;
    indents.push(indent);
    indent = column;
    if (at === undefined) push(type, start, start);
    else queue.insert(at, type, start);
  }

  function unrollIndent(column: number): void {
    while (flowLevel === 0 && indent > column) {
      push('block-end', cursor.position, cursor.position);
      indent = indents.pop() ?? -1;
    }
  }

  function scanToNext(): void {
    for (;;) {
      const tabs = flowLevel > 0 || !keyAllowed;
      while (peek(cursor) === charCodes.space || (tabs && peek(cursor) === charCodes.tab)) cursor.position++;
      skipComment(cursor);
      if (!isBreak(peek(cursor))) return;
      readBreak(cursor);
      if (flowLevel === 0) keyAllowed = true;
    }
  }

  function saveKey(): void {
    const required = flowLevel === 0 && indent === columnOf(cursor);
    if (keyAllowed) queue.saveKey(cursor, required);
  }

  function endDocumentPart(): void {
    unrollIndent(-1);
    queue.removeKey();
    keyAllowed = false;
  }

  function fetchIndicator(type: TokenType): void {
    const start = cursor.position++;
    push(type, start, cursor.position);
  }

  function fetchOpening(type: TokenType): void {
    saveKey();
    const start = cursor.position++;
    // A key that begins here belongs to the outer level, so the level opens behind the token.
    push(type, start, cursor.position);
    queue.openLevel();
    flowLevel++;
    keyAllowed = true;
  }

  function fetchClosing(type: TokenType): void {
    queue.removeKey();
    if (flowLevel > 0) {
      queue.closeLevel();
      flowLevel--;
    }
    keyAllowed = false;
    fetchIndicator(type);
  }

  function fetchEntry(type: 'block-entry' | 'key', collection: TokenType, message: string): void {
    if (flowLevel === 0) {
      if (!keyAllowed) throw new YamlProblem(message, cursor.position);
      rollIndent(columnOf(cursor), undefined, collection, cursor.position);
    }
    queue.removeKey();
    keyAllowed = type === 'block-entry' || flowLevel === 0;
    fetchIndicator(type);
  }

  function fetchValue(): void {
    const key = queue.confirmKey(cursor);
    if (key) {
      queue.insert(key.number, 'key', key.start);
      rollIndent(key.column, key.number, 'block-map', key.start);
      keyAllowed = false;
    } else {
      if (flowLevel === 0) {
        if (!keyAllowed)
          throw new YamlProblem('a value with a key of its own must begin in a new line', cursor.position);
        rollIndent(columnOf(cursor), undefined, 'block-map', cursor.position);
      }
      keyAllowed = flowLevel === 0;
    }
    fetchIndicator('value');
  }

  function fetchScalar(style: ScalarStyle): void {
    if (style === 'literal' || style === 'folded') queue.removeKey();
    else saveKey();
    const start = cursor.position;
    keyAllowed = false;
    const token = push('scalar', start, start);
    token.style = style;
    if (style === 'plain') {
      const { value, end, endsLine } = scanPlain(cursor, indent + 1, flowLevel > 0);
      token.value = value;
      token.end = end;
      keyAllowed = endsLine;
    } else if (style === 'literal' || style === 'folded') {
      const { value, end } = scanBlock(cursor, indent);
      token.value = value;
      token.end = end;
      keyAllowed = true;
    } else {
      token.value = scanQuoted(cursor);
      token.end = cursor.position;
    }
  }

  function fetchProperty(type: 'anchor' | 'alias' | 'tag'): void {
    saveKey();
    keyAllowed = false;
    const token = push(type, cursor.position, cursor.position);
    if (type === 'tag') token.tag = scanTag(cursor);
    else token.value = scanAnchor(cursor);
    token.end = cursor.position;
  }

  function fetchNext(): void {
    scanToNext();
    unrollIndent(columnOf(cursor));
    const char = peek(cursor);
    const start = cursor.position;
    if (char === charCodes.end) {
      // Treat the end as a new line, because a simple key ends with its line.
      cursor.lineStart = cursor.position;
      endDocumentPart();
      push('stream-end', start, start);
    } else if (columnOf(cursor) === 0 && char === charCodes.percent) {
      endDocumentPart();
      const directive: Directive = scanDirective(cursor);
      push('directive', start, cursor.position).directive = directive;
    } else if (isDocumentMark(cursor)) {
      endDocumentPart();
      cursor.position += 3;
      push(char === charCodes.dash ? 'document-start' : 'document-end', start, cursor.position);
    } else fetchContent(char, isBlankOrEnd(peek(cursor, 1)));
  }

  function fetchContent(char: number, alone: boolean): void {
    const flow = flowLevel > 0;
    if (char === charCodes.openBracket) fetchOpening('flow-list');
    else if (char === charCodes.openBrace) fetchOpening('flow-map');
    else if (char === charCodes.closeBracket) fetchClosing('flow-list-end');
    else if (char === charCodes.closeBrace) fetchClosing('flow-map-end');
    else if (char === charCodes.comma) {
      queue.removeKey();
      keyAllowed = true;
      fetchIndicator('flow-entry');
    } else if (char === charCodes.dash && alone)
      fetchEntry('block-entry', 'block-list', 'an item of a list must begin in a new line');
    else if (char === charCodes.question && (flow || alone))
      fetchEntry('key', 'block-map', 'a key must begin in a new line');
    else if (char === charCodes.colon && (flow || alone)) fetchValue();
    else if (char === charCodes.asterisk) fetchProperty('alias');
    else if (char === charCodes.ampersand) fetchProperty('anchor');
    else if (char === charCodes.exclamation) fetchProperty('tag');
    else if (char === charCodes.pipe && !flow) fetchScalar('literal');
    else if (char === charCodes.greater && !flow) fetchScalar('folded');
    else if (char === charCodes.quote) fetchScalar('single');
    else if (char === charCodes.doubleQuote) fetchScalar('double');
    else if (mayBeginPlainScalar(char)) fetchScalar('plain');
    else {
      const name = char === charCodes.tab ? 'a tab' : String.fromCharCode(char);
      throw new YamlProblem(
        `${name} cannot begin a key or value, and no tab may indent one`,
        cursor.position,
      );
    }
  }

  return {
    peek() {
      while (!queue.isReady(cursor)) fetchNext();
      return queue.head();
    },
    skip: () => queue.shift(),
  };
}

/** Tells whether a plain scalar may begin with a character. The caller has handled `-`, `?` and `:` as indicators. */
function mayBeginPlainScalar(char: number): boolean {
  return (
    char !== charCodes.tab &&
    char !== charCodes.percent &&
    char !== charCodes.at &&
    !'|>`#'.includes(String.fromCharCode(char))
  );
}
