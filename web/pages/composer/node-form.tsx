import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { InsideOptions } from './chart-picker.tsx';
import type { Composer } from './composer-state.ts';
import type { DraftNode, DraftPackage } from './draft.ts';
import { changeNode } from './edit-draft.ts';
import { focusNode } from './focus-form.ts';
import { toSchemaAndDefaults } from './known-of-facts.ts';
import { NameField } from './name-field.tsx';
import { type Findings, faultsOfNode, notesOfNode } from './node-notes.ts';
import { NotesList } from './notes-list.tsx';
import { PlaceButtons } from './place-buttons.tsx';
import { SchemaPanel } from './schema-panel.tsx';
import type { SourceFacts } from './sources/source-facts.ts';
import { SubchartChoice } from './subchart-choice.tsx';
import { ValuesEditor } from './values-editor.tsx';
import { VersionField } from './version-field.tsx';

/** Form of the selected node: name, source, subcharts, place and values. */
export function NodeForm(props: {
  composer: Composer;
  findings: Findings;
  /** Facts about the node's chart, once they are read. */
  facts: SourceFacts | undefined;
  /** Charts inside the node's chart that may be taken out. */
  inside: InsideOptions | undefined;
  /** Line of the values to which the caret is moved once. */
  visit: { line: number } | undefined;
  /** Called when it was moved. */
  onVisited: () => void;
  /** Parts that the root has beside those of other nodes. */
  children?: ComponentChildren;
}) {
  const { composer, findings, facts, inside, visit, onVisited, children } = props;
  const node = composer.node.value;
  const { root } = composer.draft.value;
  const isRoot = node.id === root.id;
  const change = (next: Partial<DraftNode>) =>
    composer.changeRoot(
      changeNode(root, node.id, (old) => ({ ...old, ...next })),
      node.id,
      `${node.id} ${Object.keys(next)}`,
    );
  const changePackage = (next: Partial<DraftPackage>) => {
    if (node.package) change({ package: { ...node.package, ...next } });
  };
  const known = useMemo(() => facts && toSchemaAndDefaults(facts, node), [facts, node.package?.subcharts]);
  const notes = notesOfNode(composer, findings.dry);
  // A source that is not found is an error of its whole `package`, of which the version is what is typed.
  const versionFault = notes.find(({ place, isError }) => isError && place.startsWith('/package'));
  return (
    <section
      class="node-form"
      aria-label={isRoot ? 'Root of the new chart' : `Subchart ${node.name}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) focusNode(node.id);
      }}
    >
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
      <NotesList notes={notes.filter((note) => note !== versionFault)} />
      {node.package ? (
        <>
          <SourceLine source={node.package} />
          <VersionField
            key={node.id}
            source={node.package}
            fault={versionFault?.message}
            onChange={(version) => changePackage({ version })}
          />
          <SubchartChoice
            node={node}
            source={node.package}
            inside={inside}
            onChange={(subcharts) => changePackage({ subcharts })}
          />
        </>
      ) : (
        <p class="hint">
          An umbrella: the new chart has nothing of its own but its values and the charts below it. To begin
          with a chart instead, choose one and use it as the root.
        </p>
      )}
      {children}
      {!isRoot && <PlaceButtons composer={composer} node={node} />}
      <ValuesEditor
        key={`${node.id} ${composer.resets.value}`}
        node={node}
        faults={faultsOfNode(composer, findings)}
        unchecked={findings.checks.get(node.id)?.unchecked ?? []}
        known={known}
        visit={visit}
        onVisited={onVisited}
        onChange={(config) => change({ config })}
      />
      {facts && <SchemaPanel key={node.id} node={node} facts={facts} />}
    </section>
  );
}

function SourceLine({ source }: { source: DraftPackage }) {
  if (!source.independent)
    return (
      <p class="node-source">
        The subchart <b>{source.chart}</b> inside the chart above it
      </p>
    );
  const address = `/-/charts/${encodeURIComponent(source.space)}/${encodeURIComponent(source.chart)}`;
  return (
    <p class="node-source">
      From{' '}
      <a href={address}>
        {source.space}/{source.chart}
      </a>
    </p>
  );
}
