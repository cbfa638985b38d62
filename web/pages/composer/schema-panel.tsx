import { useMemo, useState } from 'preact/hooks';
import { stringify } from 'yaml';
import { SchemaKeys } from '../../parts/values/schema-keys.tsx';
import type { DraftNode } from './draft.ts';
import { toSchemaKeys } from './known-of-facts.ts';
import type { SourceFacts } from './sources/source-facts.ts';

/** Schema and defaults of a node's chart, beside its values. */
export function SchemaPanel({ node, facts }: { node: DraftNode; facts: SourceFacts }) {
  const [word, setWord] = useState('');
  const taken = node.children.map(({ name }) => name).join(' ');
  const subcharts = node.package?.subcharts;
  const keys = useMemo(() => toSchemaKeys(facts, node), [facts, subcharts, taken]);
  // Defaults may be long: they are written as YAML only while they are shown.
  const [isOpen, setOpen] = useState(false);
  const defaults = useMemo(() => (isOpen ? stringify(facts.values) : ''), [facts, isOpen]);
  const wanted = word.trim().toLowerCase();
  // The list may be long, and does not change with what is typed into the editor.
  const list = useMemo(() => {
    const found = keys.filter(({ path, facts: { title, description } }) =>
      `${path} ${title ?? ''} ${description ?? ''}`.toLowerCase().includes(wanted),
    );
    return found.length === 0 ? <p class="hint">No key is found.</p> : <SchemaKeys keys={found} />;
  }, [keys, wanted]);
  return (
    <>
      {keys.length === 0 ? (
        <p class="hint">This chart has no schema: values are not checked as you type.</p>
      ) : (
        <details class="schema-panel" open={keys.length <= 12}>
          <summary>
            Schema <span class="hint">{keys.length === 1 ? '1 key' : `${keys.length} keys`}</span>
          </summary>
          {keys.length > 12 && (
            <input
              type="search"
              aria-label="Find a key of the schema"
              placeholder="Find a key"
              value={word}
              onInput={({ currentTarget }) => setWord(currentTarget.value)}
            />
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard. */}
          <section class="schema-scroll" aria-label="Schema of the values" tabIndex={0}>
            {list}
          </section>
        </details>
      )}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          Defaults <span class="hint">of {facts.version}</span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard. */}
        <pre class="code" tabIndex={0}>
          {defaults}
        </pre>
      </details>
    </>
  );
}
