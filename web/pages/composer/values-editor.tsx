import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { readKnownValues } from './composer-api.ts';
import type { DraftNode } from './draft.ts';
import type { KnownValues } from './known-keys.ts';
import type { ConfigFault } from './recipe-of-draft.ts';
import type { YamlEditor } from './yaml-editor.ts';

/**
 * Editor of a node's values as YAML, with completion from the schema and the defaults of its chart.
 * Tab leaves the editor, as in any field; Ctrl+Space completes. The text is the editor's own once it is there: a render
 * may be behind what is typed. Another text needs another `key`.
 */
export function ValuesEditor(props: {
  node: DraftNode;
  fault: ConfigFault | undefined;
  onChange: (text: string) => void;
}) {
  const { node, fault, onChange } = props;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<YamlEditor | undefined>(undefined);
  const latest = useRef({ onChange, known: undefined as KnownValues | undefined });
  latest.current.onChange = onChange;
  const [isLoaded, setLoaded] = useState(false);

  useEffect(() => {
    let isOpen = true;
    import('./yaml-editor.ts').then(({ createYamlEditor }) => {
      if (!isOpen || !host.current) return;
      editor.current = createYamlEditor(host.current, {
        text: node.config,
        label: 'Values (YAML)',
        describedBy: `${id}-hint`,
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
  useEffect(() => editor.current?.setFault(fault), [fault, isLoaded]);
  useKnownValues(node, (known) => {
    latest.current.known = known;
  });
  return (
    <div class="field">
      <span id={`${id}-label`}>Values (YAML)</span>
      <div ref={host} class="yaml-editor" />
      <p id={`${id}-hint`} class={fault ? 'fault' : 'hint'}>
        {fault
          ? `Line ${fault.line ?? 1}: ${fault.message}`
          : 'What is left out keeps the default of the chart; null removes a default. Ctrl+Space shows the keys.'}
      </p>
    </div>
  );
}

/** Reads the schema and the defaults of a node's chart, for completion. */
function useKnownValues(node: DraftNode, onRead: (known: KnownValues | undefined) => void): void {
  const { space, chart, version, independent } = node.package ?? {};
  useEffect(() => {
    onRead(undefined);
    if (!independent || !space || !chart || !version) return;
    const abort = new AbortController();
    // Completion is a help: without an answer the editor works as before.
    readKnownValues({ space, chart, version }, abort.signal).then(onRead, () => {});
    return () => abort.abort();
  }, [space, chart, version, independent]);
}
