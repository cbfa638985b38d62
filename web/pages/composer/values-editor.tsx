import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { announce } from '../../parts/announce.tsx';
import { useDebounced } from '../../parts/use-debounced.ts';
import type { DraftNode } from './draft.ts';
import { writeFault } from './fault-place.ts';
import { FaultsList } from './faults-list.tsx';
import type { SchemaAndDefaults } from './known-keys.ts';
import type { ConfigFault } from './recipe-of-draft.ts';
import type { YamlEditor } from './yaml-editor.ts';

/**
 * Editor of a node's values as YAML. The editor has completion from the schema and the defaults of its chart, and marks at
 * the lines of faults. Tab leaves the editor, as in any field. The text is the editor's own once it is there: a
 * render may be behind what is typed. Another text needs another `key`.
 */
export function ValuesEditor(props: {
  node: DraftNode;
  faults: readonly ConfigFault[];
  /** Reason why schemas say nothing. */
  unchecked: readonly string[];
  known: SchemaAndDefaults | undefined;
  /** Line to which the caret is moved once the editor is there; the editor takes the focus then. */
  visit: { line: number } | undefined;
  /** Called when it was moved: a later editor must not take the focus for it again. */
  onVisited: () => void;
  onChange: (text: string) => void;
}) {
  const { node, faults, unchecked, known, visit, onVisited, onChange } = props;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<YamlEditor | undefined>(undefined);
  const latest = useRef({ onChange, known });
  latest.current = { onChange, known };
  const [isLoaded, setLoaded] = useState(false);

  useEffect(() => {
    let isOpen = true;
    import('./yaml-editor.ts').then(({ createYamlEditor }) => {
      if (!isOpen || !host.current) return;
      editor.current = createYamlEditor(host.current, {
        text: node.config,
        label: 'Values (YAML)',
        known: () => latest.current.known,
        onChange: (text) => latest.current.onChange(text),
      });
      setLoaded(true);
    });
    return () => {
      isOpen = false;
      editor.current?.close();
    };
  }, [id]);
  const shown = JSON.stringify(faults);
  useEffect(() => editor.current?.setFaults(faults), [shown, isLoaded]);
  useSpokenFault(faults[0]);
  useEffect(() => {
    if (!visit || !editor.current) return;
    editor.current.visit(visit.line);
    onVisited();
  }, [visit, isLoaded]);
  return (
    <div class="field">
      <span id={`${id}-label`}>Values (YAML)</span>
      <div ref={host} class="yaml-editor" />
      <FaultsList faults={faults} unchecked={unchecked} onVisit={(line) => editor.current?.visit(line)} />
    </div>
  );
}

/** Pause after which a fault is spoken: in the middle of a word most values have one. */
const spokenAfterMs = 1_000;

/** Tells the first fault to readers who do not see it below the editor, and when there is none any more. */
function useSpokenFault(fault: ConfigFault | undefined): void {
  const text = useDebounced(fault === undefined ? '' : writeFault(fault), spokenAfterMs);
  const spoken = useRef('');
  useEffect(() => {
    if (text !== spoken.current) announce(text || 'The values have no fault any more.');
    spoken.current = text;
  }, [text]);
}
