import type { FoundChart } from '@helm-registry/client';
import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { useAddress } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { ChartPicker } from './chart-picker.tsx';
import { ComposeButton } from './compose-button.tsx';
import { listSpaceNames } from './composer-api.ts';
import { type Composer, createComposer } from './composer-state.ts';
import { type DryRunState, followDraft } from './dry-run.ts';
import { addChart, changeNode, countCharts, sourceOf } from './edit-draft.ts';
import { faultAt } from './fault-place.ts';
import { loadDraft } from './load-draft.ts';
import { NodeForm } from './node-form.tsx';
import { type ConfigFault, nodeAt } from './recipe-of-draft.ts';
import { RecipePanel } from './recipe-panel.tsx';
import { ResultPanel } from './result-panel.tsx';
import { SaveForm } from './save-form.tsx';
import { type NodeMarks, TreeView } from './tree-view.tsx';
import './composer.css';

/** Page on which a recipe is put together, tried with each change, and composed. */
export function ComposerPage() {
  const { query } = useRoute();
  const composer = useMemo(() => createComposer(), []);
  const fault = useDraftOfAddress(composer, query);
  useTitle('Compose');
  useEffect(() => composer.close, [composer]);
  return (
    <>
      <h1 tabIndex={-1}>Compose a chart</h1>
      <p class="muted composer-intro">
        Put charts of the registry together under one name. Each change is tried at once; nothing is stored
        before you compose.
      </p>
      {fault && (
        <p class="note" data-tone="danger" role="alert">
          {fault}
        </p>
      )}
      <ComposerView composer={composer} />
    </>
  );
}

function ComposerView({ composer }: { composer: Composer }) {
  const { query, change } = useAddress();
  const [spaces, setSpaces] = useState<readonly string[]>([]);
  const dry = useMemo(() => followDraft(composer), [composer]);
  useEffect(() => dry.close, [dry]);
  useEffect(() => {
    // Suggestions of the field: it takes any name without them.
    listSpaceNames().then(setSpaces, () => setSpaces([]));
  }, []);
  const marks = useComputed(() => collectMarks(composer, dry.state.value));
  const isText = query.view === 'recipe';
  const setText = (wanted: boolean) => change({ view: wanted ? 'recipe' : undefined }, { replace: true });

  const add = (chart: FoundChart) => {
    const { root } = composer.draft.value;
    const added = addChart(root, composer.selected.value, sourceOf(chart));
    composer.changeRoot(added.root, added.id);
  };
  const useAsRoot = (chart: FoundChart) => {
    const { root } = composer.draft.value;
    const started = changeNode(root, root.id, (node) => ({ ...node, package: sourceOf(chart) }));
    composer.changeRoot(started, root.id);
  };
  return (
    <div class="composer">
      <div class="composer-tree">
        <SaveForm composer={composer} spaces={spaces} />
        <h2>Charts</h2>
        <TreeView composer={composer} marks={marks.value} />
        <ChartPicker label={`Add a chart below ${nameOfNode(composer)}`} onPick={add} />
        <div class="buttons">
          <Button disabled={!composer.canUndo.value} onClick={() => composer.undo()}>
            Undo
          </Button>
          <Button onClick={() => composer.clear(composer.draft.value.space)}>Begin anew</Button>
          <Button aria-pressed={isText} onClick={() => setText(!isText)}>
            Recipe as text
          </Button>
        </div>
        <ComposeButton composer={composer} state={dry.state.value} />
      </div>
      <div class="composer-node">
        {isText ? (
          <RecipePanel composer={composer} />
        ) : (
          <NodeForm composer={composer} fault={faultOfNode(composer, dry.state.value)}>
            {composer.node.value.id === composer.draft.value.root.id && (
              <RootSource composer={composer} onPick={useAsRoot} />
            )}
          </NodeForm>
        )}
      </div>
      <ResultPanel
        state={dry.state.value}
        waiting={whyWaiting(composer)}
        onVisit={(pointer) => {
          const id = nodeAt(composer.recipe.value.pointers, pointer);
          if (id !== undefined) composer.selected.value = id;
          setText(false);
        }}
      />
    </div>
  );
}

/** Choice of a chart that the new one is made from, instead of an umbrella, and the way back. */
function RootSource({ composer, onPick }: { composer: Composer; onPick: (chart: FoundChart) => void }) {
  const { root } = composer.draft.value;
  if (!root.package) return <ChartPicker label="Begin with a chart instead" onPick={onPick} />;
  const drop = () => {
    const { package: _, ...umbrella } = root;
    composer.changeRoot(umbrella);
  };
  return (
    <div class="buttons">
      <Button size="small" onClick={drop}>
        Make it an umbrella
      </Button>
    </div>
  );
}

function nameOfNode(composer: Composer): string {
  const { name } = composer.node.value;
  return name === '' ? 'the root' : name;
}

/** Loads the draft that the address names: `from=SPACE/CHART/VERSION`, or `add=SPACE/CHART`. @returns a fault */
function useDraftOfAddress(composer: Composer, query: Record<string, string>): string | undefined {
  const [fault, setFault] = useState<string>();
  const { from, add } = query;
  useEffect(() => {
    if (from === undefined && add === undefined) return;
    const abort = new AbortController();
    loadDraft(composer, { from, add }, abort.signal).then(
      () => setFault(undefined),
      (error: unknown) => {
        if (!abort.signal.aborted) setFault(error instanceof Error ? error.message : String(error));
      },
    );
    return () => abort.abort();
  }, [composer, from, add]);
  return fault;
}

/** Says what is missing before the recipe can be tried. */
function whyWaiting(composer: Composer): string | undefined {
  const { space, chart, root } = composer.draft.value;
  if (countCharts(root) === 0) return 'Add a chart, and its values and warnings appear here.';
  if (space === '' || chart === '')
    return 'Say in which space, and under which name, the new chart is stored.';
  if (composer.recipe.value.faults.size > 0) return 'The values of a chart cannot be read yet.';
  return undefined;
}

/** Returns what is wrong with the values of the selected node: they cannot be read, or the registry refuses one. */
function faultOfNode(composer: Composer, { problem }: DryRunState): ConfigFault | undefined {
  const node = composer.node.value;
  const { faults, pointers } = composer.recipe.value;
  const pointer = problem?.details.pointer;
  const place = [...pointers].find(([, id]) => id === node.id)?.[0];
  if (faults.has(node.id) || typeof pointer !== 'string' || place === undefined) return faults.get(node.id);
  return faultAt(node.config, pointer, `${place}/_config`, problem?.message ?? '');
}

/** Collects warnings and errors by the node that they are about. */
function collectMarks(composer: Composer, { result, problem }: DryRunState): NodeMarks {
  const { pointers, faults } = composer.recipe.value;
  const marks = new Map<string, { warnings: number; hasError: boolean }>();
  const mark = (id: string | undefined, change: { warning?: boolean; error?: boolean }) => {
    if (id === undefined) return;
    const old = marks.get(id) ?? { warnings: 0, hasError: false };
    marks.set(id, {
      warnings: old.warnings + (change.warning ? 1 : 0),
      hasError: old.hasError || change.error === true,
    });
  };
  for (const id of faults.keys()) mark(id, { error: true });
  for (const { pointer } of result?.warnings ?? []) mark(nodeAt(pointers, pointer), { warning: true });
  const pointer = problem?.details.pointer;
  if (typeof pointer === 'string') mark(nodeAt(pointers, pointer), { error: true });
  return marks;
}
