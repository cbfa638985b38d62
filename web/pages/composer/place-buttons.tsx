import { Button } from '../../parts/button.tsx';
import type { Composer } from './composer-state.ts';
import type { DraftNode } from './draft.ts';
import { type MoveDirection, moveNode, nodeBefore, removeNode } from './edit-draft.ts';
import { focusNode } from './focus-form.ts';

const moves: { move: MoveDirection; label: string; keys: string }[] = [
  { move: 'up', label: 'Up', keys: 'Alt+↑' },
  { move: 'down', label: 'Down', keys: 'Alt+↓' },
  { move: 'out', label: 'Out', keys: 'One level out, Alt+←' },
  { move: 'in', label: 'In', keys: 'Into the chart above it, Alt+→' },
];

/** Buttons that move a node in the tree, or remove it. The focus goes to the node above one that is removed. */
export function PlaceButtons({ composer, node }: { composer: Composer; node: DraftNode }) {
  const { root } = composer.draft.value;
  const remove = () => {
    const before = nodeBefore(root, node.id);
    composer.changeRoot(removeNode(root, node.id), before.id);
    focusNode(before.id);
  };
  return (
    <fieldset class="buttons" aria-label="Place in the tree">
      {moves.map(({ move, label, keys }) => (
        <Button
          key={move}
          size="small"
          title={keys}
          isIdle={moveNode(root, node.id, move) === root}
          onClick={() => composer.changeRoot(moveNode(root, node.id, move))}
        >
          {label}
        </Button>
      ))}
      <Button size="small" kind="danger" title="Delete" onClick={remove}>
        Remove
      </Button>
    </fieldset>
  );
}
