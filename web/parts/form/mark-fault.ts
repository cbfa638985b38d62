/**
 * Marks the field that an error names, and moves the focus there.
 * @param pointer JSON pointer of the value at fault; fields have the names of the keys of bodies, or pointers without
 *   the first slash
 */
export function markFault(form: HTMLFormElement, pointer: unknown): void {
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  if (typeof pointer !== 'string') return;
  const [, key = ''] = pointer.split('/');
  const path = pointer.slice(1);
  const fields = [...form.querySelectorAll<HTMLElement>('input, select, textarea')];
  const find = (matches: (name: string) => boolean) =>
    fields.find((element) => matches(element.getAttribute('name') ?? ''));
  const field =
    find((name) => name === path) ??
    find((name) => name.startsWith(`${path}/`)) ??
    find((name) => name === key);
  field?.setAttribute('aria-invalid', 'true');
  field?.focus();
}
