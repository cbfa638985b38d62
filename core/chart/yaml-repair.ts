/**
 * Makes YAML that js-yaml takes of habits that Helm's parser allows and charts are full of: a bracket, brace or quoted
 * text that goes on in a line which is not indented deeper than its key, a comment that follows a closing bracket or quote
 * without a space, and tabs around brackets and braces. Only spaces are added, or stand for tabs, and only where they
 * mean nothing.
 *
 * @returns the same text when there is nothing to do.
 */
export function repairFlow(text: string): string {
  const inserts: Inserts = [];
  let position = 0;
  while (position < text.length) position = scanLine(text, position, inserts);
  let result = '';
  let from = 0;
  for (const { at, spaces, over = 0 } of inserts) {
    result += text.slice(from, at) + ' '.repeat(spaces);
    from = at + over;
  }
  return result + text.slice(from);
}

/** Spaces, and how many tabs they replace. */
type Inserts = { at: number; spaces: number; over?: number }[];

/** Reads a line in block context, with all lines of the values that begin in it; returns the start of the next. */
function scanLine(text: string, start: number, inserts: Inserts): number {
  const lineIndent = start + indentAt(text, start);
  let position = lineIndent;
  // The column of the structure that a value belongs to: what it contains must be deeper.
  let owner = -1;
  if (/^(?:---|\.\.\.)(?=\s|$)/.test(text.slice(position, position + 4)) && position === start) position += 3;
  for (;;) {
    for (; text[position] === ' ' || text[position] === '\t'; position++) {
      if (text[position] === '\t' && position > lineIndent)
        inserts.push({ at: position, spaces: 1, over: 1 });
    }
    const char = text[position];
    if (char === undefined || char === '\n' || char === '\r' || char === '#') return nextLine(text, position);
    const column = position - start;
    if ((char === '-' || char === '?' || char === ':') && isSpace(text[position + 1])) {
      owner = column;
      position++;
    } else if (char === '&' || char === '!') {
      while (!isSpace(text[position])) position++;
    } else if (char === '|' || char === '>') {
      return skipBlockScalar(text, position, owner);
    } else {
      const quoted = char === '"' || char === "'";
      const end = quoted
        ? scanQuoted(text, position, owner, inserts)
        : char === '[' || char === '{'
          ? scanFlow(text, position, owner, inserts)
          : scanPlain(text, position);
      if (end < text.length && text[end] === '#' && (quoted || char === '[' || char === '{')) {
        inserts.push({ at: end, spaces: 1 });
      }
      const after = skipBlanks(text, end);
      if (text[after] !== ':') return nextLine(text, after);
      if (!text.slice(position, end).includes('\n')) owner = column;
      position = after + 1;
    }
  }
}

function scanPlain(text: string, start: number): number {
  let position = start;
  for (; position < text.length; position++) {
    const char = text[position];
    if (char === '\n') break;
    if (char === ':' && isSpace(text[position + 1])) break;
    if (char === '#' && isSpace(text[position - 1])) break;
  }
  return position;
}

function scanQuoted(text: string, start: number, owner: number, inserts: Inserts): number {
  const quote = text[start];
  let position = start + 1;
  for (; position < text.length; position++) {
    const char = text[position];
    if (char === '\n') indentNext(text, position + 1, owner, inserts);
    else if (char === '\\' && quote === '"') {
      if (text[position + 1] !== '\n') position++;
    } else if (char === quote) {
      if (quote === '"' || text[position + 1] !== quote) return position + 1;
      position++;
    }
  }
  return position;
}

function scanFlow(text: string, start: number, owner: number, inserts: Inserts): number {
  let depth = 0;
  let fresh = true;
  let position = start;
  while (position < text.length) {
    const char = text[position] ?? '';
    if (char === '\n') indentNext(text, position + 1, owner, inserts);
    if (char === '#' && isSpace(text[position - 1])) {
      position = lineEnd(text, position);
    } else if (fresh && (char === '"' || char === "'")) {
      position = scanQuoted(text, position, owner, inserts);
      if (text[position] === ':') position++;
      else fresh = false;
    } else {
      if (fresh && char === '\t') inserts.push({ at: position, spaces: 1, over: 1 });
      if (char === '[' || char === '{') depth++;
      if (char === ']' || char === '}') depth--;
      position++;
      if (depth === 0) return position;
      if ('[]{},'.includes(char) || (char === ':' && isSpace(text[position]))) fresh = true;
      else if (!isSpace(char)) fresh = false;
    }
  }
  return position;
}

function indentNext(text: string, lineStart: number, owner: number, inserts: Inserts): void {
  const indent = indentAt(text, lineStart);
  const char = text[lineStart + indent];
  if (char === undefined || char === '\n' || char === '\r' || indent > owner) return;
  inserts.push({ at: lineStart, spaces: owner + 1 - indent });
}

function skipBlockScalar(text: string, start: number, owner: number): number {
  let position = nextLine(text, start);
  while (position < text.length) {
    const indent = indentAt(text, position);
    const char = text[position + indent];
    if (char !== '\n' && char !== '\r' && indent <= owner) break;
    position = nextLine(text, position);
  }
  return position;
}

function indentAt(text: string, start: number): number {
  let position = start;
  while (text[position] === ' ') position++;
  return position - start;
}

function skipBlanks(text: string, start: number): number {
  let position = start;
  while (text[position] === ' ' || text[position] === '\t') position++;
  return position;
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

function nextLine(text: string, start: number): number {
  return Math.min(lineEnd(text, start) + 1, text.length);
}

function isSpace(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
