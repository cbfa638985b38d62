import type { Json } from '../../yaml/json.ts';
import type { TemplateToken } from './lex-template.ts';

/** An operand or a call of a pipeline. */
export type Expression =
  /** Fields read from the dot, from a variable (`$` has the empty name), or from a result. */
  | { kind: 'chain'; of: ChainStart; keys: string[]; line: number }
  | { kind: 'call'; name: string; args: Expression[]; line: number }
  | { kind: 'literal'; value: Json };

/** Start of a chain of fields. */
type ChainStart =
  | { kind: 'dot' }
  | { kind: 'variable'; name: string }
  | { kind: 'result'; value: Expression };

/** A pipeline with the variables that it sets. */
export interface Pipeline {
  variables: string[];
  value: Expression | undefined;
}

/** Largest nesting of parentheses, which the parser follows by recursion; hand-written templates have far fewer. */
const maxDepth = 40;

/**
 * Parses an action after its keyword.
 * @returns undefined if Go would refuse the action
 */
export function parsePipeline(tokens: readonly TemplateToken[]): Pipeline | undefined {
  const assign = tokens.findIndex(({ kind, text }) => kind === 'sign' && (text === ':=' || text === '='));
  const variables = tokens.slice(0, Math.max(assign, 0)).filter(({ kind }) => kind === 'variable');
  const reader: Reader = { tokens: tokens.slice(assign + 1), at: 0 };
  const value = readPipeline(reader, 0);
  if (reader.at < reader.tokens.length) return undefined;
  return { variables: variables.map(({ text }) => text), value };
}

interface Reader {
  tokens: readonly TemplateToken[];
  at: number;
}

/** Reads commands joined by `|`: each gets the previous result as its last argument. */
function readPipeline(reader: Reader, depth: number): Expression | undefined {
  let value = readCommand(reader, depth);
  while (value && isSign(reader.tokens[reader.at], '|')) {
    reader.at += 1;
    const next = readCommand(reader, depth);
    if (next?.kind !== 'call') return undefined;
    value = { ...next, args: [...next.args, value] };
  }
  return value;
}

function readCommand(reader: Reader, depth: number): Expression | undefined {
  const operands: Expression[] = [];
  for (let next = readOperand(reader, depth); next; next = readOperand(reader, depth)) operands.push(next);
  const [first, ...args] = operands;
  if (!first || args.length === 0) return first;
  if (first.kind === 'call' && first.args.length === 0) return { ...first, args };
  // A method of a value, or a value that is not a function: its result is not known.
  return { kind: 'call', name: '', args: operands, line: first.kind === 'chain' ? first.line : 0 };
}

function readOperand(reader: Reader, depth: number): Expression | undefined {
  const token = reader.tokens[reader.at];
  if (!token) return undefined;
  const { kind, text, line } = token;
  if (kind === 'sign' && text !== '(') return undefined;
  reader.at += 1;
  if (kind === 'text') return { kind: 'literal', value: text };
  if (kind === 'number') return { kind: 'literal', value: Number.isNaN(Number(text)) ? text : Number(text) };
  if (kind === 'field') return readChain(reader, { kind: 'dot' }, [text], line);
  if (kind === 'dot') return readChain(reader, { kind: 'dot' }, [], line);
  if (kind === 'variable') return readChain(reader, { kind: 'variable', name: text }, [], line);
  if (kind === 'word') return readWord(text, line);
  if (depth >= maxDepth) return undefined;
  const value = readPipeline(reader, depth + 1);
  if (!value || !isSign(reader.tokens[reader.at], ')')) return undefined;
  reader.at += 1;
  const next = reader.tokens[reader.at];
  return next?.kind === 'field' && next.joined
    ? readChain(reader, { kind: 'result', value }, [], next.line)
    : value;
}

function readWord(text: string, line: number): Expression {
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  if (text === 'nil') return { kind: 'literal', value: null };
  return { kind: 'call', name: text, args: [], line };
}

function readChain(reader: Reader, of: ChainStart, keys: string[], line: number): Expression {
  for (let next = reader.tokens[reader.at]; next?.kind === 'field' && next.joined; ) {
    keys.push(next.text);
    reader.at += 1;
    next = reader.tokens[reader.at];
  }
  return { kind: 'chain', of, keys, line };
}

function isSign(token: TemplateToken | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign;
}
