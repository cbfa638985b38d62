import { useRef } from 'preact/hooks';
import { Badge } from '../../parts/badge.tsx';
import type { Composer } from './composer-state.ts';
import { type DraftNode, findParent } from './draft.ts';
import { moveNode, nodeBefore, removeNode } from './edit-draft.ts';
import type { NodeMarks } from './node-notes.ts';
import { actionOfKey } from './tree-keys.ts';
import './tree.css';

/**
 * Tree of the recipe, by the tree pattern of ARIA. Arrows walk, Enter edits, Delete removes, Alt with arrows moves, Ctrl+Z undoes.
 * All of that has buttons too, in the form of the node.
 */
export function TreeView(props: {
  composer: Composer;
  marks: NodeMarks;
  /** Called when a person chooses a node, also the selected one. */
  onSelect: () => void;
  /** Brings the focus to the form of the selected node. */
  onEdit: () => void;
  /** Brings the form of a node into sight, which a pointer has chosen. */
  onShow: () => void;
}) {
  const { composer, marks, onSelect, onEdit, onShow } = props;
  const list = useRef<HTMLDivElement>(null);
  const { draft, selected } = composer;
  const rows = [...visibleRows(draft.value.root, 1)];

  const select = (id: string | undefined) => {
    if (id === undefined) return;
    selected.value = id;
    onSelect();
    list.current?.querySelector<HTMLElement>(`[data-node="${id}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const index = rows.findIndex(({ node }) => node.id === selected.value);
    const row = rows[index];
    if (!row) return;
    const act = actionOfKey(event, row.node, {
      previous: () => select(rows[index - 1]?.node.id),
      next: () => select(rows[index + 1]?.node.id),
      edit: onEdit,
      first: () => select(rows[0]?.node.id),
      last: () => select(rows.at(-1)?.node.id),
      parent: () => select(findParent(draft.value.root, row.node.id)?.id),
      child: () => select(row.node.children[0]?.id),
      move: (move) => {
        composer.changeRoot(moveNode(draft.value.root, row.node.id, move));
        requestAnimationFrame(() => select(row.node.id));
      },
      remove: () => {
        const before = nodeBefore(draft.value.root, row.node.id);
        composer.changeRoot(removeNode(draft.value.root, row.node.id), before.id);
        requestAnimationFrame(() => select(before.id));
      },
      undo: () => {
        composer.undo();
        // The row that had the focus may be gone.
        requestAnimationFrame(() => select(selected.value));
      },
    });
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div ref={list} role="tree" aria-label="Charts of the recipe" class="tree">
      {rows.map(({ node, level, position, count }) => (
        <div
          key={node.id}
          role="treeitem"
          data-node={node.id}
          class="tree-row"
          style={{ '--level': level }}
          aria-level={level}
          aria-posinset={position}
          aria-setsize={count}
          aria-selected={node.id === selected.value}
          {...(node.children.length > 0 ? { 'aria-expanded': true } : {})}
          tabIndex={node.id === selected.value ? 0 : -1}
          onClick={() => {
            select(node.id);
            onShow();
          }}
          onKeyDown={onKeyDown}
        >
          <NodeLabel node={node} title={draft.value.chart} mark={marks.get(node.id)} />
        </div>
      ))}
    </div>
  );
}

interface Row {
  node: DraftNode;
  level: number;
  position: number;
  count: number;
}

function* visibleRows(node: DraftNode, level: number, position = 1, count = 1): Generator<Row> {
  yield { node, level, position, count };
  for (const [index, child] of node.children.entries())
    yield* visibleRows(child, level + 1, index + 1, node.children.length);
}

function NodeLabel(props: {
  node: DraftNode;
  title: string;
  mark: { warnings: number; hasError: boolean } | undefined;
}) {
  const { node, title, mark } = props;
  const source = node.package;
  return (
    <>
      <span class="tree-name">{node.name === '' ? title || 'New chart' : node.name}</span>
      <span class="tree-source">
        {source
          ? `${source.independent ? `${source.space}/` : 'inside: '}${source.chart} ${source.version}`
          : 'umbrella'}
      </span>
      {mark?.hasError && <Badge tone="danger">error</Badge>}
      {mark && mark.warnings > 0 && (
        <Badge tone="warn">
          {mark.warnings} {mark.warnings === 1 ? 'warning' : 'warnings'}
        </Badge>
      )}
    </>
  );
}
