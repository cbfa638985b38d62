import { createHash } from 'node:crypto';
import { findGuards, findGuardsIfFalse } from './find-guards.ts';
import { lexTemplate, type TemplateToken } from './lex-template.ts';
import {
  type Meaning,
  type ReadListener,
  silentListener,
  type TemplateScope,
  unknownMeaning,
} from './meaning.ts';
import { parsePipeline } from './parse-pipeline.ts';
import { findMeaning, reportReads } from './read-expression.ts';
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
  otherwise: ValueGuard[];
  /** Name of the template that it defines. */
  name?: string;
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
  // Go refuses a definition inside a definition, so one is open at most.
  let definitionText: string[] = [];
  let open: { name: string; includes: Set<string> } | undefined;
  const noted: ReadListener = {
    read: (read) => listener.read(open ? { ...read, within: open.name } : read),
    include: (name, line) => {
      if (name.length <= maxName) open?.includes.add(name);
      listener.include(name, line);
    },
  };
  for (const piece of lexTemplate(source)) {
    if (piece.kind === 'text') {
      definitionText.push(piece.text);
      continue;
    }
    const tokens = piece.kind === 'action' ? piece.tokens : [];
    budget.tokens -= tokens.length;
    if (budget.tokens < 0) return;
    const [first, ...rest] = tokens;
    const keyword = piece.kind === 'unread' ? piece.keyword : first?.kind === 'word' ? first.text : '';
    const scope = blocks.at(-1)?.scope ?? fileScope;
    if (keyword === 'end' && blocks.at(-1)?.name !== undefined) {
      const name = blocks.pop()?.name ?? '';
      const includes = [...(open?.includes ?? [])].slice(0, maxIncludes);
      listener.define({
        name,
        digest: digestOf(definitionText),
        ...(includes.length > 0 ? { includes } : {}),
      });
      open = undefined;
      continue;
    }
    definitionText.push(piece.kind === 'unread' ? piece.text : `{{${tokens.map(textOf).join(' ')}}}`);
    if (keyword === 'end') blocks.pop();
    else if (keyword === 'else') handleElse(blocks, rest, noted);
    else if (keyword === 'define' || keyword === 'block') {
      blocks.push(openDefine(rest, scope, noted));
      definitionText = [];
      open = { name: blocks.at(-1)?.name ?? '', includes: new Set() };
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

function openDefine(
  [name, ...rest]: readonly TemplateToken[],
  outer: TemplateScope,
  listener: ReadListener,
): Block {
  const value = rest.length > 0 ? parsePipeline(rest)?.value : undefined;
  if (value) reportReads(value, outer, listener);
  return { outer, scope: initialScope, otherwise: [], name: name?.text ?? '' };
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
  const scope = { ...outer, guards: [...outer.guards, ...before] };
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
      guards: [...scope.guards, ...findGuards(value, scope, findMeaning)],
    },
    otherwise: [...before, ...findGuardsIfFalse(value, scope, findMeaning)],
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
  else blocks.push({ ...block, scope: { ...outer, guards: [...outer.guards, ...otherwise] } });
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
