import { YamlProblem } from '../yaml-source.ts';
import {
  type Cursor,
  charCodes,
  columnOf,
  isBlank,
  isBreak,
  isBreakOrEnd,
  isDigit,
  peek,
  readBreak,
  skipBlanks,
  skipComment,
} from './cursor.ts';

interface BlockHeader {
  chomping: '' | '+' | '-';
  /** Indentation that the header states; 0 where the first line determines the indentation. */
  increment: number;
}

/**
 * Scans a literal or folded scalar as `yaml_parser_scan_block_scalar` of go.yaml.in/yaml/v2 does.
 *
 * @param parentIndent column of the collection around the scalar, -1 at the top
 * @throws YamlProblem
 */
export function scanBlock(cursor: Cursor, parentIndent: number): { value: string; end: number } {
  const start = cursor.position;
  const literal = peek(cursor) === charCodes.pipe;
  cursor.position++;
  const { chomping, increment } = readHeader(cursor, start);
  skipBlanks(cursor);
  skipComment(cursor);
  if (!isBreakOrEnd(peek(cursor)))
    throw new YamlProblem('a block text must begin in the line below | or >', cursor.position);
  readBreak(cursor);
  const statedIndent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
  let breaks = skipBlankLinesAndIndent(cursor, statedIndent, parentIndent, start);
  const { indent } = breaks;
  const parts: string[] = [];
  let leading = '';
  let leadingBlank = false;
  while (columnOf(cursor) === indent && peek(cursor) !== charCodes.end) {
    const blank = isBlank(peek(cursor));
    if (!literal && !leadingBlank && !blank && leading === '\n') {
      if (breaks.text === '') parts.push(' ');
    } else parts.push(leading);
    parts.push(breaks.text);
    leadingBlank = blank;
    const from = cursor.position;
    while (!isBreakOrEnd(peek(cursor))) cursor.position++;
    parts.push(cursor.text.slice(from, cursor.position));
    leading = readBreak(cursor);
    breaks = skipBlankLinesAndIndent(cursor, indent, parentIndent, start);
  }
  if (chomping !== '-') parts.push(leading);
  if (chomping === '+') parts.push(breaks.text);
  return { value: parts.join(''), end: breaks.end };
}

function readHeader(cursor: Cursor, start: number): BlockHeader {
  const header: BlockHeader = { chomping: '', increment: 0 };
  for (let index = 0; index < 2; index++) {
    const char = peek(cursor);
    if (header.chomping === '' && (char === charCodes.plus || char === charCodes.dash)) {
      header.chomping = char === charCodes.plus ? '+' : '-';
    } else if (header.increment === 0 && isDigit(char)) {
      if (char === charCodes.zero)
        throw new YamlProblem('the indentation of a block text cannot be 0', start);
      header.increment = char - charCodes.zero;
    } else break;
    cursor.position++;
  }
  return header;
}

/**
 * Skips the indentation of a block's next line, and blank lines before it.
 * @param knownIndent indentation of the block; 0 where this line determines it
 */
function skipBlankLinesAndIndent(
  cursor: Cursor,
  knownIndent: number,
  parentIndent: number,
  start: number,
): { text: string; indent: number; end: number } {
  let text = '';
  let deepest = 0;
  let end = cursor.position;
  for (;;) {
    while ((knownIndent === 0 || columnOf(cursor) < knownIndent) && peek(cursor) === charCodes.space)
      cursor.position++;
    deepest = Math.max(deepest, columnOf(cursor));
    if ((knownIndent === 0 || columnOf(cursor) < knownIndent) && peek(cursor) === charCodes.tab)
      throw new YamlProblem('a tab stands where the indentation of a block text is needed', start);
    if (!isBreak(peek(cursor))) break;
    text += readBreak(cursor);
    end = cursor.position;
  }
  return { text, indent: knownIndent || Math.max(deepest, parentIndent + 1, 1), end };
}
