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
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'action'; tokens: TemplateToken[] }
  /** An action that is too long, or that Go would refuse: its text, and its keyword if it begins with a word. */
  | { kind: 'unread'; text: string; keyword: string };

/** Largest number of tokens of one action; hand-written templates have far fewer. */
const maxTokens = 2_000;

const quotedPattern = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'/y;
const numeral = /[+-]?\.?\d[\w.+-]*/y;
const actionOpeningPattern = /\{\{(?:-(?=\s))?/g;
const actionClosingPattern = /\s-\}\}|\}\}/y;
const comment = /\s?\/\*[\s\S]*?\*\/\s*?(?:\s-)?\}\}/y;
/**
 * Splits a template file as Go's text/template does: trim markers are applied, comments are removed.
 * An action that cannot be read is passed over up to the next `}}`.
 */
export function* lexTemplate(source: string): Generator<Piece> {
  const lines = createLineCounter(source);
  let trimmed = false;
  let hasComments = true;
  for (let at = 0; ; ) {
    actionOpeningPattern.lastIndex = at;
    const open = actionOpeningPattern.exec(source);
    let text = source.slice(at, open?.index);
    if (trimmed) text = text.trimStart();
    if (open?.[0].endsWith('-')) text = text.trimEnd();
    if (text !== '') yield { kind: 'text', text };
    if (!open) return;
    const start = open.index + open[0].length;
    const comments = hasComments ? matchAt(comment, source, start) : null;
    // A comment without an end leaves none with an end behind it: do not look again from each of a file's actions.
    if (!comments && /^\s?\/\*/.test(source.slice(start, start + 3))) hasComments = false;
    if (comments) {
      at = start + comments[0].length;
      trimmed = comments[0].endsWith('-}}');
      continue;
    }
    const { tokens, fault, end, trims } = lexAction(source, start, lines);
    yield fault
      ? { kind: 'unread', text: source.slice(open.index, end), keyword: keywordOf(tokens) }
      : { kind: 'action', tokens };
    at = end;
    trimmed = trims;
  }
}

interface LexedAction {
  tokens: TemplateToken[];
  /** Whether the action is too long, or Go would refuse it. */
  fault: boolean;
  /** Offset behind the action. */
  end: number;
  /** Whether white space behind it is trimmed. */
  trims: boolean;
}

function lexAction(source: string, start: number, lines: LineCounter): LexedAction {
  const tokens: TemplateToken[] = [];
  let joined = false;
  let fault = false;
  for (let at = start; at < source.length; ) {
    const code = source.charCodeAt(at);
    if (code === closingBrace || isSpace(code)) {
      if (code !== closingBrace && isSpace(source.charCodeAt(at + 1))) {
        at += 1;
        continue;
      }
      const close = matchAt(actionClosingPattern, source, at);
      if (close) return { tokens, fault, end: at + close[0].length, trims: close[0] !== '}}' };
      if (code === closingBrace) return skipAction(source, at, tokens);
      at += 1;
      joined = false;
      continue;
    }
    const token = readToken(source, at);
    if (!token) return skipAction(source, at, tokens);
    if (tokens.length < maxTokens)
      tokens.push({ kind: token.kind, text: token.text, line: lines.lineAt(at), joined });
    else fault = true;
    at = token.end;
    joined = true;
  }
  return skipAction(source, source.length, tokens);
}

/** Passes over an action from its fault on. It looks for the end alone, so that a file of faults takes no longer. */
function skipAction(source: string, at: number, tokens: TemplateToken[]): LexedAction {
  const close = source.indexOf('}}', at);
  const end = close < 0 ? source.length : close + 2;
  return { tokens, fault: true, end, trims: close >= 0 && /\s-$/.test(source.slice(close - 2, close)) };
}

function keywordOf([first]: readonly TemplateToken[]): string {
  return first?.kind === 'word' ? first.text : '';
}

const closingBrace = 0x7d;

interface ReadToken {
  kind: TemplateToken['kind'];
  text: string;
  end: number;
}

function readToken(source: string, at: number): ReadToken | undefined {
  const first = source.charAt(at);
  const code = source.charCodeAt(at);
  if (isLetter(code)) return readName(source, at, 'word');
  if (first === '.' && isLetter(source.charCodeAt(at + 1))) return readName(source, at + 1, 'field');
  if (first === '$') return readName(source, at + 1, 'variable');
  if (first === '"' || first === '`' || first === "'") {
    const found = matchAt(quotedPattern, source, at);
    return found ? { kind: 'text', text: readString(found[0]), end: at + found[0].length } : undefined;
  }
  const number = isDigit(code) || '+-.'.includes(first) ? matchAt(numeral, source, at) : null;
  if (number) return { kind: 'number', text: number[0], end: at + number[0].length };
  if (first === '.') return { kind: 'dot', text: '.', end: at + 1 };
  if (source.startsWith(':=', at)) return { kind: 'sign', text: ':=', end: at + 2 };
  return '=|(),'.includes(first) ? { kind: 'sign', text: first, end: at + 1 } : undefined;
}

function readName(source: string, start: number, kind: TemplateToken['kind']): ReadToken {
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
