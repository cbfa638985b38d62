import { YamlProblem } from '../yaml-source.ts';
import type { EventDocument, ScalarEvent, YamlEvent } from './events.ts';
import { createScanner, type Scanner } from './scanner.ts';
import type { YamlToken } from './tokens.ts';

/** Largest depth of nested collections, aliases expanded. */
export const maxYamlDepth = 200;

/** Largest number of events of one text; it is above the node budget, which the constructor checks. */
const maxEvents = 400_000;

/** Largest number of directives of one document; charts have none. */
const maxDirectives = 1000;

interface Parser {
  scanner: Scanner;
  events: YamlEvent[];
  handles: Map<string, string>;
  depth: number;
}

/**
 * Parses the first document of a text by Helm's grammar. Helm has the grammar of go.yaml.in/yaml/v2 (parserc.go).
 *
 * @param text without a byte order mark
 * @returns undefined for a text without a document, such as one of comments alone
 * @throws YamlProblem
 */
export function parseDocument(text: string): EventDocument | undefined {
  const scanner = createScanner(text);
  const first = scanner.peek();
  if (first.type === 'stream-end') return undefined;
  const handles = new Map<string, string>();
  const hasDirectives = readDirectives(scanner, handles);
  const parser: Parser = { scanner, events: [], handles, depth: 0 };
  let start = first.start;
  const token = scanner.peek();
  if (token.type === 'document-start') {
    scanner.skip();
    start = token.end;
    if (endsDocument(scanner.peek())) addEmptyScalar(parser, scanner.peek().start);
    else parseNode(parser, true, false);
  } else if (hasDirectives) throw new YamlProblem('--- must follow a directive', token.start);
  else parseNode(parser, true, false);
  return { events: parser.events, hasDirectives, start, end: scanner.peek().start };
}

function endsDocument({ type }: YamlToken): boolean {
  return (
    type === 'directive' || type === 'document-start' || type === 'document-end' || type === 'stream-end'
  );
}

function readDirectives(scanner: Scanner, handles: Map<string, string>): boolean {
  let version = false;
  for (;;) {
    const { directive } = scanner.peek();
    if (!directive) break;
    if (directive.type === 'version') {
      if (version || directive.version !== '1.1')
        throw new YamlProblem('%YAML may stand once, and must be 1.1 to Helm', directive.start);
      version = true;
    } else {
      if (handles.has(directive.handle)) throw new YamlProblem('a %TAG stands twice', directive.start);
      if (handles.size === maxDirectives)
        throw new YamlProblem(`it has more than ${maxDirectives} directives`, directive.start);
      handles.set(directive.handle, directive.prefix);
    }
    scanner.skip();
  }
  const hasDirectives = version || handles.size > 0;
  if (!handles.has('!')) handles.set('!', '!');
  if (!handles.has('!!')) handles.set('!!', 'tag:yaml.org,2002:');
  return hasDirectives;
}

function addEvent(parser: Parser, event: YamlEvent): void {
  if (parser.events.push(event) > maxEvents) throw new YamlProblem('it has too many keys and values', 0);
}

function addEmptyScalar(parser: Parser, at: number): void {
  addEvent(parser, { ...emptyScalar, start: at, from: at, to: at });
}

const emptyNode = { anchor: '', tag: '', start: 0, from: 0, to: 0 };
const emptyScalar: ScalarEvent = { type: 'scalar', style: 'plain', value: '', implicit: true, ...emptyNode };

/**
 * Parses a node with its properties.
 * @param block whether a block collection may stand here
 * @param indentless whether a list may begin in the column of the key before it
 */
function parseNode(parser: Parser, block: boolean, indentless: boolean): void {
  const { scanner } = parser;
  const { start } = scanner.peek();
  if (scanner.peek().type === 'alias') {
    const { value: name, end } = scanner.peek();
    scanner.skip();
    addEvent(parser, { type: 'alias', name, from: start, to: end });
    return;
  }
  const { anchor, tag, end } = readProperties(parser);
  const token = scanner.peek();
  const { type, start: from } = token;
  if (type === 'scalar') {
    const implicit = (tag === '' && token.style === 'plain') || tag === '!';
    scanner.skip();
    const { style, value, end: to } = token;
    addEvent(parser, { type: 'scalar', style, value, implicit, anchor, tag, start, from, to });
    return;
  }
  const flow = type === 'flow-list' || type === 'flow-map';
  const list = type === 'flow-list' || type === 'block-list' || type === 'block-entry';
  const opens = flow || (block && (type === 'block-list' || type === 'block-map'));
  if (opens || (indentless && type === 'block-entry')) {
    if (++parser.depth > maxYamlDepth)
      throw new YamlProblem(`it is nested more than ${maxYamlDepth} levels deep`, from);
    addEvent(parser, { type: list ? 'list' : 'map', flow, anchor, tag, start, from });
    if (opens) scanner.skip();
    if (flow) parseFlow(parser, list);
    else if (list) parseBlockList(parser, !opens);
    else parseBlockMap(parser);
    parser.depth--;
    return;
  }
  if (end < 0) throw new YamlProblem('a key or value is missing, or stands in the wrong column', from);
  addEvent(parser, { ...emptyScalar, anchor, tag, implicit: tag === '', start, from: end, to: end });
}

/**
 * Reads the anchor and the tag before a node.
 * @returns `end` is -1 where there is neither
 */
function readProperties({ scanner, handles }: Parser): { anchor: string; tag: string; end: number } {
  let anchor = '';
  let tag = '';
  let end = -1;
  for (;;) {
    const token = scanner.peek();
    if (token.type === 'anchor' && anchor === '') anchor = token.value;
    else if (token.tag && tag === '') {
      const { handle, suffix } = token.tag;
      const prefix = handle === '' ? '' : handles.get(handle);
      if (prefix === undefined) throw new YamlProblem(`no %TAG says what ${handle} is`, token.start);
      tag = prefix + suffix;
    } else return { anchor, tag, end };
    end = token.end;
    scanner.skip();
  }
}

/**
 * Ends a collection at a token.
 * @param skip whether the token belongs to the collection
 */
function addEndEvent(parser: Parser, { start, end }: YamlToken, skip: boolean): void {
  if (skip) parser.scanner.skip();
  addEvent(parser, { type: 'end', from: start, to: skip ? end : start });
}

function parseBlockList(parser: Parser, indentless: boolean): void {
  const { scanner } = parser;
  for (;;) {
    const token = scanner.peek();
    if (token.type !== 'block-entry') {
      if (!indentless && token.type !== 'block-end')
        throw new YamlProblem('an item of a list does not begin with a dash in its column', token.start);
      addEndEvent(parser, token, !indentless);
      return;
    }
    const mark = token.end;
    scanner.skip();
    const { type } = scanner.peek();
    const empty =
      type === 'block-entry' || type === 'block-end' || (indentless && (type === 'key' || type === 'value'));
    if (empty) addEmptyScalar(parser, mark);
    else parseNode(parser, true, false);
  }
}

function parseBlockMap(parser: Parser): void {
  const { scanner } = parser;
  for (;;) {
    const token = scanner.peek();
    if (token.type === 'block-end') {
      addEndEvent(parser, token, true);
      return;
    }
    if (token.type !== 'key')
      throw new YamlProblem('a key of a map is missing, or stands in the wrong column', token.start);
    parseBlockKeyOrValue(parser, token.end);
    const after = scanner.peek();
    if (after.type === 'value') parseBlockKeyOrValue(parser, after.end);
    else addEmptyScalar(parser, after.start);
  }
}

/** Parses the key behind `?` or the value behind `:`. */
function parseBlockKeyOrValue(parser: Parser, mark: number): void {
  parser.scanner.skip();
  const { type } = parser.scanner.peek();
  if (type === 'key' || type === 'value' || type === 'block-end') addEmptyScalar(parser, mark);
  else parseNode(parser, true, true);
}

function parseFlow(parser: Parser, list: boolean): void {
  const { scanner } = parser;
  const close = list ? 'flow-list-end' : 'flow-map-end';
  for (let first = true; ; first = false) {
    let token = scanner.peek();
    if (!first && token.type !== close) {
      if (token.type !== 'flow-entry')
        throw new YamlProblem(`a comma or ${list ? ']' : '}'} is missing`, token.start);
      scanner.skip();
      token = scanner.peek();
    }
    if (token.type === close) {
      addEndEvent(parser, token, true);
      return;
    }
    if (token.type === 'key') parseFlowPair(parser, token, close, list);
    else {
      parseNode(parser, false, false);
      if (!list) addEmptyScalar(parser, scanner.peek().start);
    }
  }
}

/** Parses a pair `key: value` in brackets or braces; in a list, the pair is a map. */
function parseFlowPair(parser: Parser, { start: from }: YamlToken, close: string, list: boolean): void {
  const { scanner } = parser;
  const isOver = ({ type }: YamlToken): boolean => type === 'flow-entry' || type === close;
  if (list) addEvent(parser, { type: 'map', flow: true, anchor: '', tag: '', start: from, from });
  scanner.skip();
  const key = scanner.peek();
  if (key.type !== 'value' && !isOver(key)) parseNode(parser, false, false);
  else {
    addEmptyScalar(parser, key.start);
    // In a list, Go's parser skips the token that it found instead of a key, and so misses a colon.
    if (list) scanner.skip();
  }
  const value = scanner.peek();
  if (value.type === 'value') {
    scanner.skip();
    if (isOver(scanner.peek())) addEmptyScalar(parser, scanner.peek().start);
    else parseNode(parser, false, false);
  } else addEmptyScalar(parser, value.start);
  if (list) addEndEvent(parser, scanner.peek(), false);
}
