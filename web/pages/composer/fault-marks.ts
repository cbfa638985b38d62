import { type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import { writeFault } from './fault-place.ts';
import type { ConfigFault } from './recipe-of-draft.ts';

/** Marks of an editor: what stands on its lines, and what describes the editor. */
interface Marks {
  decorations: DecorationSet;
  faults: readonly ConfigFault[];
}

/** Effect that replaces the marks. */
export const setFaultMarks = StateEffect.define<readonly ConfigFault[]>();

/** Faults that describe an editor; the list below it has more. */
const maxDescribed = 3;

const none: Marks = { decorations: Decoration.none, faults: [] };

const marks = StateField.define<Marks>({
  create: () => none,
  update(old, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setFaultMarks));
    if (!set?.is(setFaultMarks)) return { ...old, decorations: old.decorations.map(transaction.changes) };
    const { doc } = transaction.state;
    const ranges = set.value.flatMap((fault) => markLine(doc.line(clampLine(fault.line, doc.lines)), fault));
    return { decorations: Decoration.set(ranges, true), faults: set.value };
  },
  provide: (field) => EditorView.decorations.from(field, ({ decorations }) => decorations),
});

const theme = EditorView.theme({
  '.cm-fault-line': { boxShadow: 'inset 3px 0 var(--danger)' },
  '.cm-warning-line': { boxShadow: 'inset 3px 0 var(--warn)' },
  '.cm-fault': { textDecoration: 'underline wavy var(--danger) 1px', textUnderlineOffset: '3px' },
  '.cm-warning': { textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px' },
});

/**
 * Marks the lines of faults and warnings in an editor, with their texts on hover. For a screen reader the editor is
 * invalid while there is a fault, and is described by the first ones.
 */
export const faultMarks: Extension = [
  marks,
  theme,
  EditorView.contentAttributes.compute([marks], (state) => {
    const { faults } = state.field(marks);
    return {
      'aria-invalid': String(faults.some(({ severity }) => severity !== 'warning')),
      // An element of the document cannot describe one in a shadow root.
      'aria-description': faults.slice(0, maxDescribed).map(writeFault).join(' '),
    };
  }),
];

/** Brings the number of a line, counted from 1, to one that a text has. */
export function clampLine(line: number | undefined, lines: number): number {
  return Math.min(Math.max(1, line ?? 1), lines);
}

function markLine(
  { from, to, text }: { from: number; to: number; text: string },
  { message, severity }: ConfigFault,
): Range<Decoration>[] {
  const start = from + (text.length - text.trimStart().length);
  const attributes = { title: message };
  const name = severity ?? 'fault';
  const line = Decoration.line({ class: `cm-${name}-line` }).range(from);
  // An empty line has no text to mark.
  return start < to ? [line, Decoration.mark({ class: `cm-${name}`, attributes }).range(start, to)] : [line];
}
