import { Composer, type Document, Lexer, Parser } from 'yaml';
import { RegistryError } from '../../errors.ts';
import { maxBodyDepth } from '../recipe.ts';
import { createOffsetPlaceFinder, describePlace, type Place } from '../text-places.ts';
import { findSyntaxFault } from './syntax-fault.ts';
import { yamlSyntaxError } from './yaml-fault.ts';

/** YAML document with the places of its offsets. */
export interface YamlDocument {
  document: Document.Parsed;
  placeOf(offset: number): Place;
}

/** Largest text in UTF-16 units: its syntax tree takes two hundred times the memory. */
const maxLength = 2 * 1024 * 1024;

/** Largest number of open parts; composing recurses, and beyond this any body is too deep. */
const maxParserStack = 2 * maxBodyDepth;

/**
 * Reads a text as one document of YAML 1.2.
 * @param text without a byte order mark
 * @throws {RegistryError} `request.notYaml` with line and column, also for several documents and for tags that JSON
 *   does not have; `request.tooDeep`, `request.tooLarge`
 */
export function readYamlDocument(text: string): YamlDocument {
  if (text.length > maxLength) {
    throw new RegistryError(
      'request.tooLarge',
      `A recipe in YAML has at most ${maxLength} characters. Send this one as JSON.`,
    );
  }
  const placeOf = createOffsetPlaceFinder(text);
  // Duplicate keys are found later: the composer compares each key with every other.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
  });
  const [document, second] = [...composer.compose(readTokens(text, placeOf), true, text.length)];
  for (const each of [document, second]) if (each) checkDocument(each, text, placeOf);
  if (second) {
    throw yamlSyntaxError(
      placeOf(second.range[0]),
      'a second document begins here, and a recipe is one. Remove the line --- and what follows',
    );
  }
  if (!document) throw new Error('the composer made no document');
  return { document, placeOf };
}

function* readTokens(text: string, placeOf: YamlDocument['placeOf']) {
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    offset += lexeme.length;
    if (parser.stack.length > maxParserStack) throw tooDeep(placeOf(Math.min(offset, text.length)));
  }
  yield* parser.end();
}

function tooDeep(place: Place): RegistryError {
  const message = `the body is nested more than ${maxBodyDepth} levels deep at ${describePlace(place)}. Make it flatter`;
  return new RegistryError('request.tooDeep', message, { ...place });
}

function checkDocument(document: Document.Parsed, text: string, placeOf: YamlDocument['placeOf']): void {
  const fault = findSyntaxFault(document, text);
  if (fault) throw yamlSyntaxError(placeOf(fault.offset), fault.reason, fault.pointer);
  const { explicit, version } = document.directives.yaml;
  if (!explicit || version === '1.2') return;
  const place = placeOf(Math.max(0, text.search(/^%YAML/m)));
  throw yamlSyntaxError(place, `a recipe is read as YAML 1.2. Remove the line %YAML ${version}`);
}
