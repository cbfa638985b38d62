import { computed, signal } from '@preact/signals';
import { createDraft, type Draft, type DraftNode, findNode } from './draft.ts';
import { pendingDrafts } from './forget-draft.ts';
import { readKeptDraft } from './kept-draft.ts';
import { toRecipe } from './recipe-of-draft.ts';
import { startKeepingDraft } from './start-keeping-draft.ts';

const maxUndo = 100;
/** Longest time between two letters of one field that are taken back together. */
const typingPauseMs = 1_000;

/**
 * Creates the state of a composer: draft, selected node, and what follows from them.
 * Each change is kept in the browser, so a recipe under work survives a reload.
 * @param key of the caller's draft in the browser
 */
export function createComposer(key: string) {
  const kept = pendingDrafts.get(key) ?? readKeptDraft(key);
  const draft = signal(kept ?? createDraft());
  const selected = signal(draft.value.root.id);
  const past = signal<readonly Draft[]>([]);
  const resets = signal(0);
  const recipe = computed(() => toRecipe(draft.value));
  const node = computed(() => findNode(draft.value.root, selected.value) ?? draft.value.root);
  const keeping = startKeepingDraft(draft, key);
  let last: { field: string | undefined; at: number } = { field: undefined, at: 0 };

  const change = (next: Draft, field?: string) => {
    const at = Date.now();
    const isOneStep = field !== undefined && field === last.field && at - last.at < typingPauseMs;
    if (!isOneStep) past.value = [...past.value.slice(1 - maxUndo), draft.value];
    last = { field, at };
    draft.value = next;
  };
  const show = (shown: Draft) => {
    resets.value += 1;
    if (!findNode(shown.root, selected.value)) selected.value = shown.root.id;
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
    /**
     * Changes the draft.
     * @param field whose text changes; what is typed into it without a pause is one step of `undo`
     */
    change,
    /** Changes the tree, and selects a node of the new one. */
    changeRoot(root: DraftNode, select: string = selected.value, field?: string): void {
      if (root !== draft.value.root) change({ ...draft.value, root }, field);
      selected.value = findNode(root, select) ? select : root.id;
    },
    undo(): void {
      const before = past.value.at(-1);
      if (!before) return;
      past.value = past.value.slice(0, -1);
      last = { field: undefined, at: 0 };
      draft.value = before;
      show(before);
    },
    /** Whether another tab has changed the kept draft. This one is not kept until a person chooses. */
    hasOther: keeping.hasOther,
    keepThis: keeping.keepThis,
    /** Shows the draft of the other tab. `undo` brings this one back. */
    takeOther(): void {
      const other = keeping.takeOther();
      if (!other) return;
      change(other);
      show(other);
    },
    /** Begins anew with an empty draft of a space. It is kept as others are, so that other tabs hear of it. */
    clear(space: string): void {
      const empty = createDraft(space);
      change(empty);
      selected.value = empty.root.id;
    },
    close: keeping.close,
  };
}

/** State of a composer, as {@link createComposer} makes it. */
export type Composer = ReturnType<typeof createComposer>;
