import type { FoundChart } from '@helm-registry/client';
import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useAddress } from '../../parts/address.ts';
import { ChartPicker, type InsideOptions } from './chart-picker.tsx';
import { ComposeButton } from './compose-button.tsx';
import type { Composer } from './composer-state.ts';
import { useOwnSpaces, withDefaultSpace } from './default-space.ts';
import { type DraftNode, type DraftPackage, findNode } from './draft.ts';
import {
  addChart,
  changeNode,
  countCharts,
  createSourceOfFoundChart,
  createSourceOfInsideChart,
} from './edit-draft.ts';
import { focusForm, focusNode, showForm } from './focus-form.ts';
import { NodeForm } from './node-form.tsx';
import { collectMarks, notesOfSave } from './node-notes.ts';
import { OtherTab } from './other-tab.tsx';
import { RecipeActions } from './recipe-actions.tsx';
import { RecipePanel } from './recipe-panel.tsx';
import { ResultPanel } from './result-panel.tsx';
import { RootSource } from './root-source.tsx';
import { SaveForm } from './save-form.tsx';
import { listUnusedInsideCharts } from './sources/source-facts.ts';
import { startComposerWork } from './start-composer-work.ts';
import { TreeView } from './tree-view.tsx';
import { useComposeKey } from './use-compose-key.ts';
import { useSpokenChanges } from './use-spoken-changes.ts';
import { type LineToVisit, visitPointer } from './visit-pointer.ts';

/** Composer: the new chart, its tree, the selected node, the result of a dry run. */
export function ComposerView({ composer }: { composer: Composer }) {
  const { query, change } = useAddress();
  const [visit, setVisit] = useState<LineToVisit>();
  const spaces = useOwnSpaces(composer);
  const followed = useMemo(() => startComposerWork(composer), [composer]);
  useEffect(() => followed.close, [followed]);
  const findings = useComputed(() => ({
    dry: followed.dry.state.value,
    checks: followed.checks.checks.value,
  }));
  const marks = useComputed(() => collectMarks(composer, findings.value));
  const { dry } = findings.value;
  const isText = query.view === 'recipe';
  const setText = (wanted: boolean) => change({ view: wanted ? 'recipe' : undefined }, { replace: true });

  const [lastAdded, setLastAdded] = useState<{ id: string; below: string }>();
  const node = composer.node.value;
  const { root } = composer.draft.value;
  // Charts are mostly added one after the other to the same place, and each is selected once it is there.
  const below = (lastAdded?.id === node.id && findNode(root, lastAdded.below)) || node;
  const isRoot = node.id === root.id;
  const facts = followed.sources.factsOf(root, node);
  const add = (parent: DraftNode, source: DraftPackage) => {
    const added = addChart(root, parent.id, source);
    setLastAdded({ id: added.id, below: parent.id });
    composer.draft.value = withDefaultSpace(composer.draft.value, spaces, source.space);
    composer.changeRoot(added.root, added.id);
  };
  const insideOf = (parent: DraftNode): InsideOptions | undefined => {
    const known = followed.sources.factsOf(root, parent);
    return (
      known && {
        of: nameOf(composer, parent),
        charts: listUnusedInsideCharts(parent, known),
        onPick: (chart) => add(parent, createSourceOfInsideChart(parent.package?.space ?? '', chart)),
      }
    );
  };
  const useAsRoot = (chart: FoundChart) => {
    composer.changeRoot(
      changeNode(root, root.id, (old) => ({ ...old, package: createSourceOfFoundChart(chart) })),
      root.id,
    );
    focusForm();
  };
  useSpokenChanges(composer);
  return (
    <div class="composer" ref={useComposeKey<HTMLDivElement>()}>
      <div class="composer-tree">
        <OtherTab composer={composer} />
        <SaveForm composer={composer} spaces={spaces.names} notes={notesOfSave(dry)} />
        <h2>Charts</h2>
        <TreeView
          composer={composer}
          marks={marks.value}
          onSelect={() => {
            setLastAdded(undefined);
            setVisit(undefined);
          }}
          onEdit={focusForm}
          onShow={showForm}
        />
        <ChartPicker
          label={`Add a chart below ${nameOf(composer, below)}`}
          inside={insideOf(below)}
          onPick={(chart) => add(below, createSourceOfFoundChart(chart))}
        />
        <RecipeActions composer={composer} isText={isText} onText={setText} />
      </div>
      <div class="composer-node">
        <button type="button" class="link composer-back" onClick={() => focusNode(node.id)}>
          ↑ Charts
        </button>
        {isText ? (
          <RecipePanel composer={composer} dry={dry} />
        ) : (
          <NodeForm
            composer={composer}
            findings={findings.value}
            facts={facts}
            visit={visit?.node === node.id ? visit : undefined}
            onVisited={() => setVisit(undefined)}
            inside={insideOf(node)}
          >
            {isRoot && <RootSource composer={composer} onPick={useAsRoot} />}
          </NodeForm>
        )}
      </div>
      <ResultPanel
        state={dry}
        waiting={describeMissingInput(composer)}
        onVisit={(pointer) => {
          setText(false);
          setVisit(visitPointer(composer, pointer));
        }}
      >
        <ComposeButton composer={composer} state={dry} />
      </ResultPanel>
    </div>
  );
}

function nameOf(composer: Composer, node: DraftNode): string {
  return node.id === composer.draft.value.root.id ? 'the root' : node.name;
}

/** Says what is missing before the recipe can be tried. */
function describeMissingInput(composer: Composer): string | undefined {
  const { space, chart, root } = composer.draft.value;
  if (countCharts(root) === 0) return 'Add a chart, and its values and warnings appear here.';
  if (space === '' || chart === '')
    return 'Say in which space, and under which name, the new chart is stored.';
  if (composer.recipe.value.faults.size > 0) return 'The values of a chart cannot be read yet.';
  return undefined;
}
