import { type Document, isMap, isScalar, isSeq, visit, type YAMLError } from 'yaml';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { findOddIndentation, tabRemedy } from './odd-indentation.ts';
import { keyName } from './scalar-value.ts';

/** Fault of a YAML text: its offset, the pointer of the value around it, and what to do. */
export interface SyntaxFault {
  offset: number;
  pointer: string;
  reason: string;
}

/** Finds the first fault of a document. Tags that JSON has no values for are faults too. */
export function findSyntaxFault(document: Document.Parsed, text: string): SyntaxFault | undefined {
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (!fault) return undefined;
  const { offset, reason } = explain(fault, document, text);
  return { offset, reason, pointer: pointerAt(document.contents, offset) };
}

/** Sentences for faults whose own message does not say what to do. */
const remedies = new Map<string, string>([
  ['BAD_SCALAR_START', 'a text that begins with this character needs quotes'],
  ['TAB_AS_INDENT', tabRemedy],
  [
    'MULTILINE_IMPLICIT_KEY',
    'a key ends on its line. A colon and a space may be missing behind it, or a quote',
  ],
]);

const remediesByMessage: readonly [RegExp, string][] = [
  [/^Alias cannot/, 'a text that begins with "*", as a range may, needs quotes'],
  [/^Implicit map keys need/, 'a colon and a space are missing behind this key'],
  [/^A block sequence may not/, 'this line is indented in another way than the item before it'],
  [/^All (mapping|sequence) items/, 'this line is indented in another way than those that it belongs to'],
  [
    /^Flow \w+ in block/,
    'a closing bracket or brace is missing before this place, or the line is indented too little',
  ],
];

/** Codes of faults that an odd indentation may be the cause of. */
const indentationFaultCodes: ReadonlySet<string> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MULTILINE_IMPLICIT_KEY',
  'MISSING_CHAR',
]);

function explain(
  fault: YAMLError,
  document: Document.Parsed,
  text: string,
): Pick<SyntaxFault, 'offset' | 'reason'> {
  const { code, message } = fault;
  const offset = code === 'TAB_AS_INDENT' ? fault.pos[0] : skipSpaces(text, fault.pos[0]);
  if (code === 'TAG_RESOLVE_FAILED') {
    const tag = /^\S*/.exec(text.slice(offset, offset + 60))?.[0] ?? '';
    return {
      offset,
      reason: `the tag ${tag} has no value in JSON. Remove it, or quote a text that begins with "!"`,
    };
  }
  const indicator = findTextAsBlock(text, fault.pos[0]);
  if (indicator !== undefined)
    return {
      offset: indicator,
      reason: 'a text that begins with ">" or "|", as a range may, needs quotes',
    };
  if (message.startsWith('Missing closing'))
    return {
      offset: openingQuote(document, offset),
      reason: 'this quote is not closed. Add the same quote at the end',
    };
  const odd = indentationFaultCodes.has(code) ? findOddIndentation(text, fault.pos[0]) : undefined;
  if (odd) return odd;
  if (message.startsWith('Nested mappings')) return explainSecondKey(text, offset);
  const remedy = remedies.get(code) ?? remediesByMessage.find(([pattern]) => pattern.test(message))?.[1];
  return { offset, reason: remedy ?? message.slice(0, 1).toLowerCase() + message.slice(1) };
}

/** Explains a second key in the value of the first: on the same line, or on one that is indented too far. */
function explainSecondKey(text: string, offset: number): Pick<SyntaxFault, 'offset' | 'reason'> {
  const rest = /.*/.exec(text.slice(offset))?.[0] ?? '';
  if (/:(?:\s|$)/.test(rest)) {
    const reason = 'a line has one key. Begin a new line, or quote a text that contains a colon and a space';
    return { offset, reason };
  }
  const next = /\S/.exec(text.slice(offset + rest.length))?.index ?? 0;
  const reason =
    'this line is indented too far: it continues the text before it. Indent it like the line before';
  return { offset: offset + rest.length + next, reason };
}

/**
 * Finds a `>` or `|` before a place on its line. It was meant as the beginning of a text, such as `>=1.0`. YAML reads
 * it as the head of a block, on whose line nothing follows but a comment.
 */
function findTextAsBlock(text: string, offset: number): number | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = /.*/.exec(text.slice(start))?.[0] ?? '';
  const found = /^[^'"#]*?[:-] +(?=[>|](?![-+\d]{0,2} *(?:#.*)?\r?$))/.exec(line)?.[0];
  return found !== undefined && start + found.length <= offset ? start + found.length : undefined;
}

function openingQuote(document: Document.Parsed, end: number): number {
  let start = end;
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith('QUOTE') && range && range[0] <= end && end <= range[2]) start = range[0];
    },
  });
  return start;
}

function skipSpaces(text: string, offset: number): number {
  let place = offset;
  while (text[place] === ' ') place += 1;
  return place < text.length && !/[\r\n]/.test(text[place] ?? '') ? place : offset;
}

/** Finds the pointer of the innermost value that begins before an offset. */
function pointerAt(root: unknown, offset: number): string {
  let pointer = '';
  for (let node = root; ; ) {
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && nodeEndOffset(key) <= offset);
      const known = pair && isScalar(pair.key) ? keyName(pair.key) : undefined;
      if (!pair || !known || !('name' in known)) return pointer;
      pointer = appendPointer(pointer, known.name);
      node = pair.value;
    } else if (isSeq(node)) {
      const index = node.items.findLastIndex((item) => nodeStartOffset(item) <= offset);
      if (index < 0) return pointer;
      pointer = appendPointer(pointer, index);
      node = node.items[index];
    } else {
      return pointer;
    }
  }
}

function nodeStartOffset(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? Infinity) : Infinity;
}

function nodeEndOffset(node: { range?: readonly [number, number, number] | null | undefined }): number {
  return node.range?.[1] ?? Infinity;
}
