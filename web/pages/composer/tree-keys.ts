import type { DraftNode } from './draft.ts';
import type { MoveDirection } from './edit-draft.ts';

/** Actions of the keys in the tree. */
export interface TreeActions {
  previous(): void;
  next(): void;
  edit(): void;
  first(): void;
  last(): void;
  parent(): void;
  child(): void;
  move(move: MoveDirection): void;
  remove(): void;
  undo(): void;
}

/** Chooses what a key does in the tree. @returns undefined for a key that means nothing there */
export function actionOfKey(
  event: KeyboardEvent,
  node: DraftNode,
  actions: TreeActions,
): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey) return event.key === 'z' && !event.altKey ? actions.undo : undefined;
  if (event.altKey) {
    const moves: Record<string, MoveDirection> = {
      ArrowUp: 'up',
      ArrowDown: 'down',
      ArrowLeft: 'out',
      ArrowRight: 'in',
    };
    const move = moves[event.key];
    return move && (() => actions.move(move));
  }
  switch (event.key) {
    case 'ArrowUp':
      return actions.previous;
    case 'ArrowDown':
      return actions.next;
    case 'Enter':
      return actions.edit;
    case 'Home':
      return actions.first;
    case 'End':
      return actions.last;
    case 'ArrowLeft':
      return actions.parent;
    case 'ArrowRight':
      return actions.child;
    case 'Delete':
      return node.name === '' ? undefined : actions.remove;
    default:
      return undefined;
  }
}
