import type { Language, Token, TokenKind } from './tokens.ts';

/** Rule of a language: text that it matches at a place, and its kind. */
type TokenRule = readonly [pattern: RegExp, kind: TokenKind | undefined];

const doubleQuoted = /"(?:[^"\\]|\\.)*"/y;
const singleQuoted = /'(?:[^']|'')*'/y;
const numberTokenPattern = /[-+]?(?:0x[\da-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?![\w.-])/iy;
const spaceRule: TokenRule = [/\s+/y, undefined];

const yamlRules: readonly TokenRule[] = [
  spaceRule,
  [/#.*/y, 'comment'],
  [
    /(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#{}[\],&*!|>'"%@`:-][^\s#{}[\],:]*)(?:[ \t]+[^\s#:{}[\],]+)*(?=\s*:(?:\s|$))/y,
    'key',
  ],
  [doubleQuoted, 'string'],
  [singleQuoted, 'string'],
  [numberTokenPattern, 'number'],
  [/(?:true|false|null|yes|no|on|off|~)(?=\s*(?:$|#|,|\]|\}))/iy, 'literal'],
  [/[&*][\w-]+/y, 'variable'],
  [/(?:---|\.\.\.|- |[|>][-+\d]*\s*$|[{}[\],:?])/y, 'mark'],
  [/[^\s#,{}[\]:"'][^,{}[\]:#]*/y, 'string'],
];

const jsonRules: readonly TokenRule[] = [
  spaceRule,
  [/"(?:[^"\\]|\\.)*"(?=\s*:)/y, 'key'],
  [doubleQuoted, 'string'],
  [numberTokenPattern, 'number'],
  [/(?:true|false|null)\b/y, 'literal'],
  [/[{}[\],:]/y, 'mark'],
];

const shellRules: readonly TokenRule[] = [
  spaceRule,
  [/#.*/y, 'comment'],
  [doubleQuoted, 'string'],
  [/'[^']*'/y, 'string'],
  [/\$(?:\w+|\{[^}]*\}|\()/y, 'variable'],
  [/--?[a-z][\w.-]*/iy, 'key'],
  [/[|&;<>()\\]+/y, 'mark'],
  [/[^\s"'$|&;<>()\\#]+/y, undefined],
];

const rulesOf: Record<Exclude<Language, 'text' | 'template'>, readonly TokenRule[]> = {
  yaml: yamlRules,
  json: jsonRules,
  shell: shellRules,
};

/** Longest line that is coloured; longer ones, such as embedded data, stay plain. */
const maxColouredLength = 2_000;

/**
 * Cuts a line into tokens. A language's lines are coloured each by itself, so any part of a file can be.
 * @param isComment whether the line begins inside a template's comment, as {@link findComments} tells
 */
export function tokenizeLine(line: string, language: Language, isComment = false): Token[] {
  if (isComment && line.length <= maxColouredLength) return tokenizeComment(line);
  if (language === 'text' || line.length > maxColouredLength) return [{ text: line }];
  if (language === 'template') return tokenizeTemplate(line);
  return applyRules(line, rulesOf[language]);
}

/** Finds the lines of a template, by their places, that begin inside a comment. */
export function findComments(lines: readonly string[]): ReadonlySet<number> {
  const inside = new Set<number>();
  let isOpen = false;
  lines.forEach((line, place) => {
    if (isOpen) inside.add(place);
    const rest = isOpen ? line.indexOf('*/') : 0;
    if (isOpen && rest < 0) return;
    const open = /^.*\{\{-?\s*\/\*(.*)$/.exec(isOpen ? line.slice(rest + 2) : line);
    isOpen = open ? !open[1]?.includes('*/') : false;
  });
  return inside;
}

function tokenizeComment(line: string): Token[] {
  const end = /^.*?\*\/\s*(?:-?\}\})?/.exec(line)?.[0];
  if (end === undefined) return [{ text: line, kind: 'comment' }];
  return [{ text: end, kind: 'comment' }, ...tokenizeLine(line.slice(end.length), 'template')];
}

// A template's actions come first: YAML is between them.
function tokenizeTemplate(line: string): Token[] {
  const parts = line.split(/(\{\{-?\s*\/\*.*?(?:\*\/\s*-?\}\}|$)|\{\{.*?(?:\}\}|$))/);
  return parts.flatMap((part): Token[] => {
    if (part === '') return [];
    if (!part.startsWith('{{')) return applyRules(part, yamlRules);
    return [{ text: part, kind: /^\{\{-?\s*\/\*/.test(part) ? 'comment' : 'template' }];
  });
}

function applyRules(line: string, rules: readonly TokenRule[]): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < line.length; ) {
    const token = matchRule(line, at, rules) ?? { text: line.charAt(at) };
    const last = tokens.at(-1);
    if (last && last.kind === token.kind) last.text += token.text;
    else tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function matchRule(line: string, at: number, rules: readonly TokenRule[]): Token | undefined {
  for (const [pattern, kind] of rules) {
    pattern.lastIndex = at;
    const text = pattern.exec(line)?.[0];
    if (text) return kind ? { text, kind } : { text };
  }
  return undefined;
}
