import { useState } from 'preact/hooks';
import type { Composer } from './composer-state.ts';
import type { DraftNode } from './draft.ts';
import { describeNameFault } from './edit-draft.ts';

/** Field of a node's name. A name that cannot be is shown with its reason, and not used. */
export function NameField(props: { composer: Composer; node: DraftNode; onChange: (name: string) => void }) {
  const { composer, node, onChange } = props;
  const [typed, setTyped] = useState(node.name);
  const fault = describeNameFault(composer.draft.value.root, node, typed);
  return (
    <div class="field">
      <label for="node-name">Name in the new chart</label>
      <input
        id="node-name"
        value={typed}
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby="node-name-hint"
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          if (!describeNameFault(composer.draft.value.root, node, value)) onChange(value);
        }}
      />
      <p id="node-name-hint" class={fault ? 'fault' : 'hint'}>
        {fault ?? 'Its values stand under this key, and templates see it as the chart’s name.'}
      </p>
    </div>
  );
}
