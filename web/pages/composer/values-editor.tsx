import { useId } from 'preact/hooks';
import type { DraftNode } from './draft.ts';
import type { ConfigFault } from './recipe-of-draft.ts';

/** Editor of a node's values as YAML. Tab leaves it, as in any field; Ctrl+] and Ctrl+[ indent lines. */
export function ValuesEditor(props: {
  node: DraftNode;
  fault: ConfigFault | undefined;
  onChange: (text: string) => void;
}) {
  const { node, fault, onChange } = props;
  const id = useId();
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    if (!event.ctrlKey || (event.key !== ']' && event.key !== '[')) return;
    event.preventDefault();
    const area = event.currentTarget;
    const edited = indentLines(area.value, area.selectionStart, area.selectionEnd, event.key === ']');
    area.value = edited.text;
    area.setSelectionRange(edited.start, edited.end);
    onChange(edited.text);
  };
  return (
    <div class="field">
      <label for={id}>Values (YAML)</label>
      <textarea
        id={id}
        class="code"
        rows={Math.min(24, Math.max(8, node.config.split('\n').length + 1))}
        spellcheck={false}
        autocapitalize="off"
        value={node.config}
        placeholder={'replicaCount: 2\nauth:\n  database: shop'}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        onKeyDown={onKeyDown}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <p id={`${id}-hint`} class={fault ? 'fault' : 'hint'}>
        {fault
          ? `Line ${fault.line ?? 1}: ${fault.message}`
          : 'What is left out keeps the default of the chart; null removes a default.'}
      </p>
    </div>
  );
}

/** Indents the lines of a selection by two spaces, or takes two away. @returns the text and the new selection */
export function indentLines(
  text: string,
  start: number,
  end: number,
  isDeeper: boolean,
): { text: string; start: number; end: number } {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next === -1 ? text.length : next;
  const lines = text.slice(from, to).split('\n');
  const edited = lines.map((line) => (isDeeper ? `  ${line}` : line.replace(/^ {1,2}/, '')));
  const block = edited.join('\n');
  const first = (edited[0]?.length ?? 0) - (lines[0]?.length ?? 0);
  return {
    text: text.slice(0, from) + block + text.slice(to),
    start: Math.max(from, start + first),
    end: end + block.length - (to - from),
  };
}
