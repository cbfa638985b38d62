/** A token of an action, as Go's text/template reads it. */
export interface TemplateToken {
  kind: 'word' | 'field' | 'variable' | 'dot' | 'text' | 'number' | 'sign';
  /** Name without its `.` or `$`, content of a string, or the sign itself. */
  text: string;
  /** Line in the file, counted from 1. */
  line: number;
  /** Whether the token follows the previous one without a space, as a field does that belongs to it. */
  joined: boolean;
}

/** A part of a template file: text between actions, or an action. */
export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: TemplateToken[] };

/** Largest number of tokens of one action; hand-written templates have far fewer. */
const maxTokens = 2_000;

const quoted = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'/y;
const numeral = /[+-]?\.?\d[\w.+-]*/y;
const opening = /\{\{(?:-(?=\s))?/g;
const closing = /\s-\}\}|\}\}/y;
const comment = /\s?\/\*[\s\S]*?\*\/\s*?(?:\s-)?\}\}/y;
/**
 * Splits a template file as Go's text/template does: trim markers are applied, comments are removed.
 * @yields the pieces up to the first fault; Helm refuses the whole file there
 */
export function* lexTemplate(source: string): Generator<Piece> {
  const lines = createLineCounter(source);
  let trimmed = false;
  for (let at = 0; ; ) {
    opening.lastIndex = at;
    const open = opening.exec(source);
    let text = source.slice(at, open?.index);
    if (trimmed) text = text.trimStart();
    if (open?.[0].endsWith('-')) text = text.trimEnd();
    if (text !== '') yield { kind: 'text', text };
    if (!open) return;
    const start = open.index + open[0].length;
    const comments = matchAt(comment, source, start);
    if (comments) {
      at = start + comments[0].length;
      trimmed = comments[0].endsWith('-}}');
      continue;
    }
    const action = lexAction(source, start, lines);
    if (!action) return;
    yield { kind: 'action', tokens: action.tokens };
    at = action.end;
    trimmed = action.trims;
  }
}

function lexAction(
  source: string,
  start: number,
  lines: LineCounter,
): { tokens: TemplateToken[]; end: number; trims: boolean } | undefined {
  const tokens: TemplateToken[] = [];
  let joined = false;
  for (let at = start; at < source.length; ) {
    const code = source.charCodeAt(at);
    if (code === closingBrace || isSpace(code)) {
      if (code !== closingBrace && isSpace(source.charCodeAt(at + 1))) {
        at += 1;
        continue;
      }
      const close = matchAt(closing, source, at);
      if (close) return { tokens, end: at + close[0].length, trims: close[0] !== '}}' };
      if (code === closingBrace) return undefined;
      at += 1;
      joined = false;
      continue;
    }
    const token = readToken(source, at);
    if (!token || tokens.length === maxTokens) return undefined;
    tokens.push({ kind: token.kind, text: token.text, line: lines.lineAt(at), joined });
    at = token.end;
    joined = true;
  }
  return undefined;
}

const closingBrace = 0x7d;

interface Read {
  kind: TemplateToken['kind'];
  text: string;
  end: number;
}

function readToken(source: string, at: number): Read | undefined {
  const first = source.charAt(at);
  const code = source.charCodeAt(at);
  if (isLetter(code)) return readName(source, at, 'word');
  if (first === '.' && isLetter(source.charCodeAt(at + 1))) return readName(source, at + 1, 'field');
  if (first === '$') return readName(source, at + 1, 'variable');
  if (first === '"' || first === '`' || first === "'") {
    const found = matchAt(quoted, source, at);
    return found ? { kind: 'text', text: readString(found[0]), end: at + found[0].length } : undefined;
  }
  const number = isDigit(code) || '+-.'.includes(first) ? matchAt(numeral, source, at) : null;
  if (number) return { kind: 'number', text: number[0], end: at + number[0].length };
  if (first === '.') return { kind: 'dot', text: '.', end: at + 1 };
  if (source.startsWith(':=', at)) return { kind: 'sign', text: ':=', end: at + 2 };
  return '=|(),'.includes(first) ? { kind: 'sign', text: first, end: at + 1 } : undefined;
}

function readName(source: string, start: number, kind: TemplateToken['kind']): Read {
  let end = start;
  while (isLetter(source.charCodeAt(end)) || isDigit(source.charCodeAt(end))) end += 1;
  return { kind, text: source.slice(start, end), end };
}

/** Checks for a letter. Any character beyond ASCII passes: Go refuses those that are not letters. */
function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code > 0x7f;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Decodes a Go string; escapes that JSON does not have stay as they are. */
function readString(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`') || !inner.includes('\\')) return inner;
  return inner.replace(/\\(n|t|r|"|'|\\)/g, (_, sign: string) => escapes[sign] ?? sign);
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

interface LineCounter {
  /**
   * Returns the line of an offset.
   * @param offset not before the offset of the previous call
   */
  lineAt(offset: number): number;
}

function createLineCounter(source: string): LineCounter {
  let line = 1;
  let next = source.indexOf('\n');
  return {
    lineAt(offset) {
      while (next >= 0 && next < offset) {
        line += 1;
        next = source.indexOf('\n', next + 1);
      }
      return line;
    },
  };
}
