import { type Document, isNode, type Node, visit } from 'yaml';
import { StartError } from '../runtime/startup-error.ts';

/** Formats an offset into the file for messages: `config.yaml:3:9`. */
export type FormatPlace = (offset: number) => string;

/**
 * Refuses a YAML document with faults, or with another meaning than its author's. Tags and directives that are
 * unknown are warnings to the parser, and a password that begins with `!`, `*` or `&` is none to YAML. Messages never
 * show one.
 * @throws {StartError} with line and column
 */
export function checkDocument(document: Document.Parsed, text: string, placeOf: FormatPlace): void {
  const [error] = document.errors;
  if (error) throw new StartError(`${placeOf(error.pos[0])}: ${describeFault(error, text)}`);
  const [warning] = document.warnings;
  if (warning) {
    throw new StartError(`${placeOf(warning.pos[0])}: ${describeWarning(warning)}`);
  }
  checkAnchors(document, placeOf);
}

function checkAnchors(document: Document.Parsed, placeOf: FormatPlace): void {
  const refuse = (node: Node, fault: string): never => {
    throw new StartError(`${placeOf(node.range?.[0] ?? 0)}: ${fault}`);
  };
  visit(document, {
    Alias(_, alias, path) {
      const target = alias.resolve(document);
      if (!target) refuse(alias, 'this alias has no anchor before it; quote a value that begins with *');
      else if (path.includes(target))
        refuse(alias, 'this alias stands inside what it refers to; write the value out');
    },
    Scalar(_, scalar) {
      if (scalar.anchor !== undefined && scalar.value === null)
        refuse(scalar, 'this anchor has no value; quote a value that begins with &');
    },
  });
}

/**
 * Converts a node to plain values.
 * @param place of the node
 * @throws {StartError} when its aliases make too much of it
 */
export function toValue(node: unknown, document: Document.Parsed, place: string): unknown {
  if (!isNode(node)) return node;
  try {
    return node.toJS(document);
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new StartError(`${place}: aliases of aliases make too much of this value; write it out`);
  }
}

interface Fault {
  code: string;
  message: string;
  pos: [number, number];
}

function describeFault(error: Fault, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^["']?([\w.-]+)/.exec(text.slice(error.pos[0]))?.[1] ?? 'this key';
    return `${key} occurs twice in one mapping; remove one, or join the two`;
  }
  return `this is not YAML: ${firstLineOf(error)}`;
}

function describeWarning(warning: Fault): string {
  if (warning.code === 'TAG_RESOLVE_FAILED')
    return 'this tag is unknown; remove it, or quote a value that begins with !';
  return `${firstLineOf(warning)}; remove this line`;
}

/** Returns the first line of a message, without the place. An excerpt follows, which may hold a password. */
function firstLineOf({ message }: Fault): string {
  const [first = ''] = message.split('\n');
  return first.replace(/ at line \d+, column \d+:?$/, '');
}
