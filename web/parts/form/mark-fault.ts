/**
 * Marks the field that an error names, and moves the focus there.
 * @param pointer JSON pointer of the value at fault; fields have the names of the keys of bodies
 */
export function markFault(form: HTMLFormElement, pointer: unknown): void {
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  if (typeof pointer !== 'string') return;
  const [, name = ''] = pointer.split('/');
  const field = [...form.querySelectorAll<HTMLElement>('input, select, textarea')].find(
    (element) => element.getAttribute('name') === name,
  );
  field?.setAttribute('aria-invalid', 'true');
  field?.focus();
}
