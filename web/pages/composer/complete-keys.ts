import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { findKnownKeys, findPossibleValues, type KnownKey, type SchemaAndDefaults } from './known-keys.ts';
import { pathOfLine } from './yaml-path.ts';

/**
 * Creates the source of completions. Completions are keys of the chart at the place of the cursor, and behind a key the
 * values that it may have.
 */
export function createKeyCompletion(known: () => SchemaAndDefaults | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const values = known();
    if (!values) return null;
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const lines = context.state.doc.toString().split('\n');
    const pathAt = (column: number) => pathOfLine(lines, line.number - 1, column);

    const key = /^(\s*(?:- +)*)([^\s:#-][^\s:#]*|)$/.exec(before);
    if (key) {
      if (key[2] === '' && !context.explicit) return null;
      const column = key[1]?.length ?? 0;
      const options = findKnownKeys(values, pathAt(column)).map(toCompletion);
      return toCompletionResult(line.from + column, options, /^[^\s:#]*$/);
    }
    const value = /^(\s*(?:- +)*)(?:"([^"]*)"|'([^']*)'|([^\s#:'"][^:]*?))\s*: +([^\s#]*)$/.exec(before);
    if (!value) return null;
    const [, indent = '', double, single, plain, typed = ''] = value;
    const path = [...pathAt(indent.length), double ?? single ?? plain ?? ''];
    const options = findPossibleValues(values, path).map(toValueCompletion);
    return toCompletionResult(context.pos - typed.length, options, /^[^\s#]*$/);
  };
}

function toCompletionResult(from: number, options: Completion[], validFor: RegExp): CompletionResult | null {
  return options.length === 0 ? null : { from, options, validFor };
}

function toCompletion({ name, type, description, default: shown }: KnownKey): Completion {
  // Plain keys of YAML need no quotes; others get them.
  const key = /^[A-Za-z_][\w./-]*$/.test(name) ? name : JSON.stringify(name);
  return {
    label: name,
    apply: type === 'object' || type === 'array' ? `${key}:` : `${key}: `,
    detail: [type, shown].filter((part) => part !== undefined).join(' · '),
    ...(description ? { info: description } : {}),
  };
}

function toValueCompletion(value: unknown): Completion {
  const text = String(value);
  // A text that YAML would read as something else gets quotes.
  const isPlain =
    typeof value !== 'string' || /^(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z][\w./-]*$/i.test(text);
  return { label: text, apply: isPlain ? text : JSON.stringify(value) };
}
