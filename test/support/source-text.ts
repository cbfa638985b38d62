/** Comment or identifier of a TypeScript file, with the number of its line. */
export interface SourcePiece {
  kind: 'comment' | 'identifier';
  line: number;
  /** Offset of the character behind it. */
  end: number;
  /** Text of a comment without its markers, on one line; name of an identifier. */
  text: string;
}

/** Token at the scanner's position; a slash is handled apart, since it divides or begins a regular expression. */
const token =
  /(?<space>\s+)|(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)|(?<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<name>[A-Za-z_$][\w$]*)|(?<number>\d[\w.]*)|(?<other>[\s\S])/y;

const regularExpression = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** Text of a template up to its end or the next `${`. */
const templateText = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;

/** Words after which a slash begins a regular expression. */
const operatorWords = new Set(['return', 'typeof', 'case', 'in', 'of', 'await', 'void', 'new', 'else']);

/**
 * Finds the comments and identifiers of a TypeScript file; consecutive line comments are one comment. Text of strings,
 * templates and regular expressions is left out. TypeScript 7 has no API to parse with.
 */
export function readPieces(source: string): SourcePiece[] {
  const pieces: SourcePiece[] = [];
  // For each open template, the number of braces that are open within its `${`.
  const templates: number[] = [];
  let position = 0;
  let line = 1;
  let last = '';
  const consume = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match) position = pattern.lastIndex;
    line += (match?.[0].split('\n').length ?? 1) - 1;
    return match;
  };
  const readTemplate = () => {
    if (consume(templateText)?.[0].endsWith('${')) templates.push(0);
    last = '`';
  };
  while (position < source.length) {
    const [start, startLine] = [position, line];
    const beginsOperand = last === '' || /^[([{},;:=!&|?+\-*%<>~^]$/.test(last) || operatorWords.has(last);
    const isComment = source[position + 1] === '/' || source[position + 1] === '*';
    if (source[position] === '/' && !isComment && beginsOperand && consume(regularExpression)) {
      last = '/';
      continue;
    }
    const { space, comment, name, other } = consume(token)?.groups ?? {};
    if (space !== undefined) continue;
    if (comment !== undefined) {
      pieces.push({ kind: 'comment', line: startLine, end: position, text: plainText(comment) });
      continue;
    }
    if (name !== undefined) pieces.push({ kind: 'identifier', line: startLine, end: position, text: name });
    last = source.slice(start, position);
    const open = templates.at(-1);
    if (other === '`') readTemplate();
    else if (open !== undefined && other === '{') templates[templates.length - 1] = open + 1;
    else if (open !== undefined && other === '}') {
      if (open > 0) templates[templates.length - 1] = open - 1;
      else {
        templates.pop();
        readTemplate();
      }
    }
  }
  return pieces;
}

function plainText(comment: string): string {
  return comment
    .replaceAll(/^\s*(?:\/\*+|\*+\/|\*|\/\/)|\*\/\s*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Paths that a TypeScript file imports or exports from, types included. */
export function readImports(source: string): string[] {
  const pattern = /\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g;
  return [...source.matchAll(pattern)].map(([, path = '']) => path);
}

/** Finds the functions that a file exports, each with its TSDoc comment. A function without one has an empty text. */
export function readExportedFunctions(source: string): { name: string; comment: string }[] {
  const pattern = /^(?:(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n)?export (?:async )?function\*? (\w+)/gm;
  return [...source.matchAll(pattern)].map(([, comment = '', name = '']) => ({
    name,
    comment: plainText(comment),
  }));
}

/** Names of the functions, classes, constants and types that a file declares and exports. */
export function readExportedNames(source: string): string[] {
  const pattern =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
  return [...new Set([...source.matchAll(pattern)].map(([, name = '']) => name))];
}
