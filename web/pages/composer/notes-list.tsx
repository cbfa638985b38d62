import type { Note } from './node-notes.ts';

/** Errors and warnings of the dry run that are about no field. */
export function NotesList({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return null;
  return (
    <ul class="faults">
      {notes.map(({ place, message, isError }) => (
        <li key={`${place} ${message}`} class={isError ? 'fault' : 'warning'}>
          {message}
        </li>
      ))}
    </ul>
  );
}
