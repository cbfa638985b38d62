import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import type { Composer } from './composer-state.ts';
import type { DraftNode, DraftPackage, Subcharts } from './draft.ts';
import { changeNode, type Move, moveNode, nameFault, removeNode } from './edit-draft.ts';
import type { ConfigFault } from './recipe-of-draft.ts';
import { ValuesEditor } from './values-editor.tsx';
import { VersionField } from './version-field.tsx';

const subchartChoices: { value: Subcharts; label: string; hint: string }[] = [
  { value: 'drop', label: 'Drop', hint: 'only the charts of this tree come along' },
  { value: 'keep', label: 'Keep', hint: 'what the archive contains comes along' },
  { value: 'resolve', label: 'Resolve', hint: 'and what it declares but lacks is taken from the registry' },
];

const moves: { move: Move; label: string; keys: string }[] = [
  { move: 'up', label: 'Up', keys: 'Alt+↑' },
  { move: 'down', label: 'Down', keys: 'Alt+↓' },
  { move: 'out', label: 'Out', keys: 'Alt+←' },
  { move: 'in', label: 'In', keys: 'Alt+→' },
];

/** Form of the selected node: its name, its source, its subcharts, its place and its values. */
export function NodeForm(props: {
  composer: Composer;
  fault: ConfigFault | undefined;
  /** Parts that the root has beside those of other nodes. */
  children?: ComponentChildren;
}) {
  const { composer, fault, children } = props;
  const node = composer.node.value;
  const { root } = composer.draft.value;
  const isRoot = node.id === root.id;
  const change = (next: Partial<DraftNode>) =>
    composer.changeRoot(changeNode(root, node.id, (old) => ({ ...old, ...next })));
  const changePackage = (next: Partial<DraftPackage>) => {
    if (node.package) change({ package: { ...node.package, ...next } });
  };
  return (
    <section class="node-form" aria-label={isRoot ? 'Root of the new chart' : `Subchart ${node.name}`}>
      {isRoot ? (
        <h2>Root</h2>
      ) : (
        <NameField
          key={`${node.id} ${composer.resets.value}`}
          composer={composer}
          node={node}
          onChange={(name) => change({ name })}
        />
      )}
      {node.package ? (
        <>
          <SourceLine source={node.package} />
          <VersionField
            key={node.id}
            source={node.package}
            onChange={(version) => changePackage({ version })}
          />
          <fieldset class="choices">
            <legend>Subcharts that this chart brings</legend>
            {subchartChoices.map(({ value, label, hint }) => (
              <label key={value}>
                <input
                  type="radio"
                  name={`subcharts-${node.id}`}
                  checked={node.package?.subcharts === value}
                  onChange={() => changePackage({ subcharts: value })}
                />{' '}
                {label} <span class="hint">{hint}</span>
              </label>
            ))}
          </fieldset>
        </>
      ) : (
        <p class="hint">
          An umbrella: the new chart has nothing of its own but its values and the charts below it. To begin
          with a chart instead, choose one and use it as the root.
        </p>
      )}
      {children}
      {!isRoot && (
        <fieldset class="buttons" aria-label="Place in the tree">
          {moves.map(({ move, label, keys }) => (
            <Button
              key={move}
              size="small"
              title={keys}
              disabled={moveNode(root, node.id, move) === root}
              onClick={() => composer.changeRoot(moveNode(root, node.id, move))}
            >
              {label}
            </Button>
          ))}
          <Button
            size="small"
            kind="danger"
            title="Delete"
            onClick={() => composer.changeRoot(removeNode(root, node.id), root.id)}
          >
            Remove
          </Button>
        </fieldset>
      )}
      <ValuesEditor
        key={`${node.id} ${composer.resets.value}`}
        node={node}
        fault={fault}
        onChange={(config) => change({ config })}
      />
    </section>
  );
}

function SourceLine({ source }: { source: DraftPackage }) {
  if (!source.independent)
    return (
      <p>
        The subchart <b>{source.chart}</b> of the chart above it
      </p>
    );
  const address = `/-/charts/${encodeURIComponent(source.space)}/${encodeURIComponent(source.chart)}`;
  return (
    <p>
      From{' '}
      <a href={address}>
        {source.space}/{source.chart}
      </a>
    </p>
  );
}

/** Field of a node's name; a name that cannot be is shown with its reason, and not taken over. */
function NameField(props: { composer: Composer; node: DraftNode; onChange: (name: string) => void }) {
  const { composer, node, onChange } = props;
  const [typed, setTyped] = useState(node.name);
  const fault = nameFault(composer.draft.value.root, node, typed);
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
          if (!nameFault(composer.draft.value.root, node, value)) onChange(value);
        }}
      />
      <p id="node-name-hint" class={fault ? 'fault' : 'hint'}>
        {fault ?? 'Its values stand under this key, and templates see it as the chart’s name.'}
      </p>
    </div>
  );
}
