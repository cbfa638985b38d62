/** Brings the focus to the first field of the selected node, or to its values. */
export function focusForm(): void {
  // The form of a node that was selected a moment ago is there with the next frame.
  requestAnimationFrame(() => {
    const fields = '.node-form :is(input, select):not(:disabled)';
    document.querySelector<HTMLElement>(fields)?.focus();
  });
}

/** Brings the form of the selected node into sight. Only where it stands below the tree, as in a narrow window. */
export function showForm(): void {
  requestAnimationFrame(() => {
    const form = document.querySelector('.composer-node');
    const tree = document.querySelector('.composer-tree');
    if (form && tree && form.getBoundingClientRect().top >= tree.getBoundingClientRect().bottom)
      form.scrollIntoView();
  });
}

/** Brings the focus to a node in the tree. */
export function focusNode(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-node="${id}"]`)?.focus());
}
