import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { findKnownKeys, type KnownKey, type KnownValues, pathOfLine } from './known-keys.ts';

/** Creates the source of completions: keys of the chart at the place of the cursor that the map does not have yet. */
export function completeKeys(known: () => KnownValues | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const values = known();
    const line = context.state.doc.lineAt(context.pos);
    const typed = /^( *)([^\s:#]*)$/.exec(line.text.slice(0, context.pos - line.from));
    if (!values || !typed || (typed[2] === '' && !context.explicit)) return null;
    const indent = typed[1]?.length ?? 0;
    const lines = context.state.doc.toString().split('\n');
    const path = pathOfLine(lines, line.number - 1, indent);
    const options = findKnownKeys(values, path).map(toCompletion);
    return options.length === 0 ? null : { from: line.from + indent, options, validFor: /^[^\s:#]*$/ };
  };
}

function toCompletion({ name, type, description, default: shown }: KnownKey): Completion {
  const isMap = type === 'object';
  // Plain keys of YAML need no quotes; others get them.
  const key = /^[A-Za-z_][\w./-]*$/.test(name) ? name : JSON.stringify(name);
  return {
    label: name,
    apply: isMap ? `${key}:` : `${key}: `,
    detail: [type, shown].filter((part) => part !== undefined).join(' · '),
    ...(description ? { info: description } : {}),
  };
}
