/** Brings the focus to the first field of the selected node, or to its values. */
export function focusForm(): void {
  // The form of a node that was selected a moment ago is there with the next frame.
  requestAnimationFrame(() => {
    const fields = '.node-form :is(input, select):not(:disabled)';
    document.querySelector<HTMLElement>(fields)?.focus();
  });
}

/** Brings the focus to a node in the tree. */
export function focusNode(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-node="${id}"]`)?.focus());
}
