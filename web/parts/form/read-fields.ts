/** Reads a text of a form, without blanks around it. */
export function readText(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** Reads a list that is typed with commas or blanks between its items. */
export function readItems(fields: FormData, name: string): string[] {
  return readText(fields, name)
    .split(/[\s,]+/)
    .filter((item) => item !== '');
}

/** Reads a number; none where the field is empty. */
export function readNumber(fields: FormData, name: string): number | undefined {
  const text = readText(fields, name);
  return text === '' ? undefined : Number(text);
}
