import type { Composer } from './composer-state.ts';
import { findNode } from './draft.ts';
import { lineOfPointer } from './fault-place.ts';
import { focusNode } from './focus-form.ts';
import { nodeIdAt } from './recipe-of-draft.ts';
import { saveFieldId } from './save-field.tsx';

/** Line in the values of a node that a person asked to see. */
export interface LineToVisit {
  /** Id of the node. */
  node: string;
  line: number;
}

/**
 * Brings a person to the place of a pointer. A pointer leads to its field of the new chart, its node, or its line in the values of a node.
 * @returns the line, for the editor of the node, which takes the focus then
 */
export function visitPointer(composer: Composer, pointer: string): LineToVisit | undefined {
  const [, save] = /^\/save\/([^/]+)/.exec(pointer) ?? [];
  if (save !== undefined) {
    const field = document.getElementById(saveFieldId(save));
    const fold = field?.closest('details');
    if (fold) fold.open = true;
    field?.focus();
    return undefined;
  }
  const { pointers } = composer.recipe.value;
  const id = nodeIdAt(pointers, pointer);
  const node = id === undefined ? undefined : findNode(composer.draft.value.root, id);
  if (!node) return undefined;
  composer.selected.value = node.id;
  const place = [...pointers].find(([, other]) => other === node.id)?.[0] ?? '';
  const below = pointer.slice(place.length);
  if (below === '/_config' || below.startsWith('/_config/'))
    return { node: node.id, line: lineOfPointer(node.config, below.slice('/_config'.length)) };
  if (below.startsWith('/package'))
    requestAnimationFrame(() => document.getElementById('node-version')?.focus());
  else focusNode(node.id);
  return undefined;
}
