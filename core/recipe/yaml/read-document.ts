import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from 'yaml';
import { RegistryError } from '../../errors.ts';
import { bodyDepth } from '../recipe.ts';
import { type Place, syntaxFault } from './yaml-fault.ts';

/** YAML document with the places of its offsets. */
export interface YamlDocument {
  document: Document.Parsed;
  placeOf(offset: number): Place;
}

/** Largest text in UTF-16 units: its syntax tree takes two hundred times the memory. */
const maxLength = 2 * 1024 * 1024;

/** Largest number of open parts; composing recurses, and beyond this any body is too deep. */
const maxOpen = 2 * bodyDepth;

/**
 * Reads a text as one document of YAML 1.2.
 * @param text without a byte order mark
 * @throws {RegistryError} `request.notYaml` with line and column, also for several documents and for tags that JSON
 *   does not have; `request.tooDeep`, `request.tooLarge`
 */
export function readDocument(text: string): YamlDocument {
  if (text.length > maxLength) {
    throw new RegistryError(
      'request.tooLarge',
      `A recipe in YAML has at most ${maxLength} characters. Send this one as JSON.`,
    );
  }
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // Duplicate keys are found later: the composer compares each key with every other.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
  });
  const [document, second] = [...composer.compose(readTokens(text, lines, placeOf), true, text.length)];
  for (const each of [document, second]) if (each) checkDocument(each, placeOf);
  if (second) {
    throw syntaxFault(
      placeOf(second.range[0]),
      'a second document begins before this place, and a recipe is one. Remove the line --- and what follows',
    );
  }
  if (!document) throw new Error('the composer made no document');
  return { document, placeOf };
}

function* readTokens(text: string, lines: LineCounter, placeOf: YamlDocument['placeOf']) {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    offset += lexeme.length;
    if (parser.stack.length > maxOpen) throw tooDeep(placeOf(Math.min(offset, text.length)));
  }
  yield* parser.end();
}

function tooDeep({ line, column }: Place): RegistryError {
  const where = `line ${line}, column ${column}`;
  return new RegistryError(
    'request.tooDeep',
    `the body is nested more than ${bodyDepth} levels deep at ${where}. Make it flatter`,
    { line, column },
  );
}

function checkDocument(document: Document.Parsed, placeOf: YamlDocument['placeOf']): void {
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault) throw syntaxFault(placeOf(fault.pos[0]), describeFault(fault));
  const { explicit, version } = document.directives.yaml;
  if (explicit && version !== '1.2')
    throw syntaxFault(placeOf(0), `a recipe is read as YAML 1.2. Remove the line %YAML ${version}`);
}

/** Sentences for faults whose own message does not say what to do. */
const remedies = new Map<string, string>([
  [
    'TAG_RESOLVE_FAILED',
    'this tag is none that JSON has a value for. Remove it, or quote a text that begins with "!"',
  ],
  ['BAD_SCALAR_START', 'no text begins with this character, unless it is in quotes'],
  ['TAB_AS_INDENT', 'tabs are not allowed as indentation. Use spaces'],
  [
    'MULTILINE_IMPLICIT_KEY',
    'a key ends on its line. A colon and a space may be missing behind it, or a quote',
  ],
  [
    'BLOCK_AS_IMPLICIT_KEY',
    'a line has one key. Begin a new line, or quote a text that contains a colon and a space',
  ],
]);

function describeFault({ code, message }: YAMLError): string {
  const remedy = remedies.get(code);
  if (remedy !== undefined) return remedy;
  return message === 'Implicit map keys need to be followed by map values'
    ? 'a colon and a space are missing behind this key'
    : message.slice(0, 1).toLowerCase() + message.slice(1);
}
