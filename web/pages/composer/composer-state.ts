import { computed, signal } from '@preact/signals';
import { createDraft, type Draft, type DraftNode, findNode } from './draft.ts';
import { forgetDraft } from './forget-draft.ts';
import { readKeptDraft } from './kept-draft.ts';
import { toRecipe } from './recipe-of-draft.ts';
import { startKeepingDraft } from './start-keeping-draft.ts';

const maxUndo = 100;

/**
 * Creates the state of a composer: draft, selected node, and what follows from them.
 * Each change is kept in the browser, so a recipe under work survives a reload.
 * @param key of the caller's draft in the browser
 */
export function createComposer(key: string) {
  const kept = readKeptDraft(key);
  const draft = signal(kept ?? createDraft());
  const selected = signal(draft.value.root.id);
  const past = signal<readonly Draft[]>([]);
  const resets = signal(0);
  const recipe = computed(() => toRecipe(draft.value));
  const node = computed(() => findNode(draft.value.root, selected.value) ?? draft.value.root);
  const stop = startKeepingDraft(draft, key);

  const change = (next: Draft) => {
    past.value = [...past.value.slice(1 - maxUndo), draft.value];
    draft.value = next;
  };
  return {
    draft,
    selected,
    recipe,
    node,
    /** Number of times that texts were put back; fields begin anew with each. */
    resets,
    canUndo: computed(() => past.value.length > 0),
    wasKept: kept !== undefined,
    change,
    /** Changes the tree, and selects a node of the new one. */
    changeRoot(root: DraftNode, select: string = selected.value): void {
      if (root !== draft.value.root) change({ ...draft.value, root });
      selected.value = findNode(root, select) ? select : root.id;
    },
    undo(): void {
      const last = past.value.at(-1);
      if (!last) return;
      past.value = past.value.slice(0, -1);
      draft.value = last;
      resets.value += 1;
      if (!findNode(last.root, selected.value)) selected.value = last.root.id;
    },
    /** Begins anew with an empty draft of a space. */
    clear(space: string): void {
      const empty = createDraft(space);
      change(empty);
      selected.value = empty.root.id;
      forgetDraft(key);
    },
    close: stop,
  };
}

/** State of a composer, as {@link createComposer} makes it. */
export type Composer = ReturnType<typeof createComposer>;
