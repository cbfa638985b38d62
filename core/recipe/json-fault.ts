/** The place where a text stops being JSON, and the tokens that it could have there. */
export interface JsonFault {
  /** In UTF-16 units; the text's length if the text ends too early. */
  offset: number;
  expected: string;
}

type State = 'value' | 'first value' | 'first key' | 'key' | 'colon' | 'next';

const expectations: Record<State, string> = {
  value: 'a value',
  'first value': 'a value or "]"',
  'first key': 'a key in double quotes or "}"',
  key: 'a key in double quotes',
  colon: '":"',
  next: 'the end',
};

const scalarPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y;
const whitespacePattern = /[ \t\n\r]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

/**
 * Finds the fault in a text that `JSON.parse` has refused (RFC 8259).
 * The messages of `JSON.parse` do not always have the place. The walk does not recurse. For a text without a fault
 * the result is the text's end.
 */
export function findJsonFault(text: string): JsonFault {
  const containers: ('{' | '[')[] = [];
  let state: State = 'value';
  let offset = 0;
  for (;;) {
    offset = matchAt(whitespacePattern, text, offset) ?? offset;
    const char = text[offset];
    const container = containers.at(-1);
    if (char === undefined && state === 'next' && !container) return { offset, expected: 'the end' };
    if (state === 'next' && container && char === ',') {
      state = container === '{' ? 'key' : 'value';
      offset += 1;
    } else if (isClosing(char, container, state)) {
      containers.pop();
      state = 'next';
      offset += 1;
    } else if (state === 'colon' && char === ':') {
      state = 'value';
      offset += 1;
    } else if (isValueState(state) && (char === '{' || char === '[')) {
      containers.push(char);
      state = char === '{' ? 'first key' : 'first value';
      offset += 1;
    } else if (char === '"' && state !== 'colon' && state !== 'next') {
      const end = skipString(text, offset);
      if (typeof end !== 'number') return end;
      offset = end;
      state = isValueState(state) ? 'next' : 'colon';
    } else {
      const end = isValueState(state) ? matchAt(scalarPattern, text, offset) : undefined;
      if (end === undefined) return { offset, expected: expectationOf(state, container) };
      offset = end;
      state = 'next';
    }
  }
}

function isValueState(state: State): boolean {
  return state === 'value' || state === 'first value';
}

function isClosing(char: string | undefined, container: '{' | '[' | undefined, state: State): boolean {
  if (char === '}') return container === '{' && (state === 'next' || state === 'first key');
  if (char === ']') return container === '[' && (state === 'next' || state === 'first value');
  return false;
}

function expectationOf(state: State, container: '{' | '[' | undefined): string {
  return state === 'next' && container ? `"," or "${container === '{' ? '}' : ']'}"` : expectations[state];
}

/** Returns the offset behind the string that begins at `start`, or the fault inside it. */
function skipString(text: string, start: number): number | JsonFault {
  for (let offset = start + 1; offset < text.length; offset += 1) {
    const char = text.charCodeAt(offset);
    if (char === 0x22) return offset + 1;
    if (char < 0x20)
      return { offset, expected: 'the rest of a string (control characters are written as \\u00XX)' };
    if (char === 0x5c) {
      const end = matchAt(escapeSequence, text, offset);
      if (end === undefined)
        return { offset, expected: 'an escape that JSON knows, or \\\\ for a backslash' };
      offset = end - 1;
    }
  }
  return { offset: text.length, expected: 'the rest of a string and its closing quote' };
}

/** Returns the offset behind a sticky pattern's match at `offset`; undefined if it does not match. */
function matchAt(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
