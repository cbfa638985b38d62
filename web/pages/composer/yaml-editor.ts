import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { createKeyCompletion } from './complete-keys.ts';
import { clampLine, faultMarks, setFaultMarks } from './fault-marks.ts';
import type { SchemaAndDefaults } from './known-keys.ts';
import type { ConfigFault } from './recipe-of-draft.ts';

/** Options of {@link createYamlEditor}. */
export interface YamlEditorOptions {
  text: string;
  label: string;
  /** Returns the keys that completion may offer, once they are read. */
  known: () => SchemaAndDefaults | undefined;
  onChange: (text: string) => void;
}

/** Editor of YAML in an element. */
export type YamlEditor = ReturnType<typeof createYamlEditor>;

/** Colours by the variables of the page, so that they follow light and dark. */
const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.bool, tags.null, tags.number, tags.keyword], color: 'var(--good)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--muted)' },
]);

const theme = EditorView.theme({
  '&': {
    color: 'var(--text)',
    backgroundColor: 'var(--ground)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
  },
  '&.cm-focused': { outline: '3px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { font: '13px / 1.5 var(--mono)', maxHeight: '480px', overflow: 'auto' },
  '.cm-content, .cm-gutter': { minHeight: '160px' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--ground)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal' },
});

/**
 * Creates an editor in an element. Its shadow root takes the styles, which the policy of the page forbids in the document.
 * Tab is not bound, so that the keyboard leaves the editor as it leaves a field.
 */
export function createYamlEditor(host: HTMLElement, options: YamlEditorOptions) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        yaml(),
        indentUnit.of('  '),
        indentOnInput(),
        syntaxHighlighting(highlight),
        theme,
        faultMarks,
        autocompletion({ override: [createKeyCompletion(options.known)], icons: false, interactionDelay: 0 }),
        keymap.of([
          ...completionKeymap,
          { key: 'Enter', run: insertYamlLine },
          // Composes; it inserts no line.
          { key: 'Mod-Enter', run: () => true },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        // Axe takes what can be edited for reachable by Tab only with a `tabindex`.
        EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false', tabindex: '0' }),
        EditorView.domEventHandlers({ beforeinput: replaceSelection }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    /** Marks the lines of faults and warnings, and describes the editor by them. */
    setFaults(faults: readonly ConfigFault[]): void {
      view.dispatch({ effects: setFaultMarks.of(faults) });
    },
    /** Brings the caret to the end of a line, counted from 1. */
    visit(line: number): void {
      const { doc } = view.state;
      const { to } = doc.line(clampLine(line, doc.lines));
      view.dispatch({ selection: { anchor: to }, scrollIntoView: true });
      view.focus();
    },
    close(): void {
      view.destroy();
    },
  };
}

/**
 * Types over a selection. The browser would keep the colour of what was selected in a style of the new text, which the
 * policy of the page forbids.
 */
function replaceSelection(event: InputEvent, view: EditorView): boolean {
  const { data, inputType } = event;
  if (inputType !== 'insertText' || data === null || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
  return true;
}

/** Begins a new line; below a key without a value it is indented, since a map or a list will follow. */
function insertYamlLine(view: EditorView): boolean {
  const { state } = view;
  const { from, to, empty } = state.selection.main;
  const line = state.doc.lineAt(from);
  const opens = /^( *)(?:- +)?[^#]*:\s*$/.exec(line.text.slice(0, from - line.from));
  if (!empty || !opens || to !== line.to) return insertNewlineAndIndent(view);
  const insert = `\n${opens[1]}${line.text.trimStart().startsWith('- ') ? '    ' : '  '}`;
  view.dispatch({
    changes: { from, insert },
    selection: { anchor: from + insert.length },
    scrollIntoView: true,
  });
  return true;
}
