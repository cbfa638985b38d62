import { createHash } from 'node:crypto';
import { addGuards, findGuards, findGuardsIfFalse } from './find-guards.ts';
import { lexTemplate, type TemplateToken } from './lex-template.ts';
import {
  type Meaning,
  type ReadListener,
  silentListener,
  type TemplateScope,
  unknownMeaning,
} from './meaning.ts';
import { parsePipeline } from './parse-pipeline.ts';
import { findMeaning, mayHoldContext, reportReads } from './read-expression.ts';
import type { DefinedTemplate, ValueGuard } from './template-notes.ts';

/** Receives also the templates that a file defines. */
export interface ScanListener extends ReadListener {
  define(definition: Omit<DefinedTemplate, 'file'>): void;
}

const context: Meaning = { kind: 'context', charts: [] };
/**
 * Scope at the start of a file, and of a named template, which is assumed to get the whole context.
 * If it gets a map or a list that has the context inside, `.Values` is read from there.
 */
const initialScope: TemplateScope = { dot: context, variables: new Map([['', context]]), guards: [] };

/** An open block of a template: `if`, `with`, `range`, or a definition. */
interface Block {
  /** Scope outside the block. */
  outer: TemplateScope;
  scope: TemplateScope;
  /** Guards that hold if its next `else` is reached. */
  otherwise: readonly ValueGuard[];
  /** Template that it defines. */
  definition?: Definition;
}

/** A definition whose end is not reached. */
interface Definition {
  name: string;
  text: string[];
  includes: Set<string>;
  /** Definition around it, which goes on behind it: Go allows a `block` inside a definition. */
  around: Definition | undefined;
}

/** Largest number of nested blocks, and of variables; hand-written templates have far fewer. */
const maxBlocks = 200;
const maxVariables = 200;

/** Largest number of names that are noted as included by one definition, and characters of such a name. */
const maxIncludes = 200;
const maxName = 200;

/**
 * Scans a template file and reports its definitions, includes and reads. Parts that cannot be parsed are left out.
 * @param budget number of tokens that may still be scanned; reduced by the call
 */
export function scanTemplate(source: string, budget: { tokens: number }, listener: ScanListener): void {
  const blocks: Block[] = [];
  let fileScope = initialScope;
  let open: Definition | undefined;
  const noted: ReadListener = {
    read: (read) => listener.read(open ? { ...read, within: open.name } : read),
    include: (name, line, getsContext) => {
      const isNoted = getsContext && name.length <= maxName && (open?.includes.size ?? 0) < maxIncludes;
      if (isNoted) open?.includes.add(name);
      listener.include(name, line, getsContext);
    },
  };
  for (const piece of lexTemplate(source)) {
    if (piece.kind === 'text') {
      open?.text.push(piece.text);
      continue;
    }
    const tokens = piece.kind === 'action' ? piece.tokens : [];
    budget.tokens -= tokens.length;
    if (budget.tokens < 0) return;
    const [first, ...rest] = tokens;
    const keyword = piece.kind === 'unread' ? piece.keyword : first?.kind === 'word' ? first.text : '';
    const scope = blocks.at(-1)?.scope ?? fileScope;
    const ended = keyword === 'end' ? blocks.at(-1)?.definition : undefined;
    if (ended) {
      blocks.pop();
      const { name, text, includes, around } = ended;
      listener.define({
        name,
        digest: digestOf(text),
        ...(includes.size > 0 ? { includes: [...includes] } : {}),
      });
      open = around;
      continue;
    }
    open?.text.push(piece.kind === 'unread' ? piece.text : `{{${tokens.map(textOf).join(' ')}}}`);
    if (keyword === 'end') blocks.pop();
    else if (keyword === 'else') handleElse(blocks, rest, noted);
    else if (keyword === 'define' || keyword === 'block') {
      if (keyword === 'block') reportBlock(rest, scope, noted);
      open = { name: rest[0]?.text ?? '', text: [], includes: new Set(), around: open };
      blocks.push({ outer: scope, scope: initialScope, otherwise: [], definition: open });
    } else if (blockKeywords.has(keyword)) blocks.push(openBlock(keyword, rest, scope, [], noted));
    else {
      const after = runAction(tokens, scope, noted);
      const block = blocks.at(-1);
      if (block) block.scope = after;
      else fileScope = after;
    }
    if (blocks.length > maxBlocks) return;
  }
}

const blockKeywords = new Set(['if', 'with', 'range']);

/** Reports what a `block` does beside its definition: it includes it, with the effective text of that name. */
function reportBlock(
  [name, ...rest]: readonly TemplateToken[],
  scope: TemplateScope,
  listener: ReadListener,
): void {
  const value = rest.length > 0 ? parsePipeline(rest)?.value : undefined;
  const meaning = value ? reportReads(value, scope, listener) : unknownMeaning;
  if (name?.kind === 'text') listener.include(name.text, name.line, mayHoldContext(meaning));
}

/**
 * Opens a block.
 * @param before guards that hold because the branches before were not taken
 */
function openBlock(
  keyword: string,
  tokens: readonly TemplateToken[],
  outer: TemplateScope,
  before: readonly ValueGuard[],
  listener: ReadListener,
): Block {
  const scope = { ...outer, guards: addGuards(outer.guards, before) };
  const pipeline = parsePipeline(tokens);
  const value = pipeline?.value;
  if (!pipeline || !value) return { outer, scope, otherwise: [] };
  reportReads(value, scope, listener, true);
  const meaning = findMeaning(value, scope, silentListener);
  const variables = setVariables(scope, pipeline.variables, keyword === 'range' ? unknownMeaning : meaning);
  const dots: Record<string, Meaning> = { if: scope.dot, with: meaning, range: unknownMeaning };
  return {
    outer,
    scope: {
      dot: dots[keyword] ?? unknownMeaning,
      variables,
      guards: addGuards(scope.guards, findGuards(value, scope, findMeaning)),
    },
    otherwise: addGuards(before, findGuardsIfFalse(value, scope, findMeaning)),
  };
}

/** Handles `else`, `else if` and `else with`. */
function handleElse(
  blocks: Block[],
  [first, ...rest]: readonly TemplateToken[],
  listener: ReadListener,
): void {
  const block = blocks.pop();
  if (!block) return;
  const { outer, otherwise } = block;
  if (first) blocks.push(openBlock(first.text, rest, outer, otherwise, listener));
  else blocks.push({ ...block, scope: { ...outer, guards: addGuards(outer.guards, otherwise) } });
}

/**
 * Handles an action that opens no block.
 * @returns the scope afterwards, with the variables that the action has set
 */
function runAction(
  tokens: readonly TemplateToken[],
  scope: TemplateScope,
  listener: ReadListener,
): TemplateScope {
  const pipeline = parsePipeline(tokens);
  if (!pipeline?.value) return scope;
  const { variables, value } = pipeline;
  if (variables.length === 0) {
    reportReads(value, scope, listener);
    return scope;
  }
  const meaning = findMeaning(value, scope, listener);
  return { ...scope, variables: setVariables(scope, variables, meaning) };
}

function setVariables(
  { variables }: TemplateScope,
  names: readonly string[],
  meaning: Meaning,
): ReadonlyMap<string, Meaning> {
  if (names.length === 0) return variables;
  const known = new Map(variables);
  for (const name of names) if (known.has(name) || known.size < maxVariables) known.set(name, meaning);
  return known;
}

function textOf({ kind, text }: TemplateToken): string {
  return kind === 'text'
    ? JSON.stringify(text)
    : `${kind === 'field' ? '.' : kind === 'variable' ? '$' : ''}${text}`;
}

function digestOf(text: readonly string[]): string {
  if (text.every((part) => part.trim() === '')) return '';
  return createHash('sha256').update(text.join('')).digest('base64').slice(0, 12);
}
