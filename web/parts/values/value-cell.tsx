import type { ValueRow } from './values-tree.ts';

/** Longest part of a text that a row shows. */
const maxShownTextLength = 200;

/** Key and value of a row of the tree, and where the value comes from. */
export function ValueCell({ row: { name, value, children }, origin }: { row: ValueRow; origin: string }) {
  const isMap = children !== undefined && children > 0;
  return (
    <>
      <span class="value-name">
        <bdi>{name}</bdi>
      </span>
      <span class="value" data-type={isMap ? 'none' : typeName(value)}>
        {isMap ? writeItemCount(value, children) : <bdi>{writeValue(value)}</bdi>}
      </span>
      <span class="from">{origin}</span>
    </>
  );
}

/** Writes a value in one line. */
export function writeValue(value: unknown): string {
  if (typeof value === 'string')
    return value === '' ? '""' : value.slice(0, maxShownTextLength).replaceAll('\n', ' ↵ ');
  return JSON.stringify(value) ?? '';
}

/** Names the type of a value as a schema does. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return Array.isArray(value) ? 'array' : typeof value;
}

function writeItemCount(value: unknown, count: number): string {
  return Array.isArray(value) ? `[ ${count} ]` : `{ ${count} }`;
}
