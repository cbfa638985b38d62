import { useState } from 'preact/hooks';
import type { Note } from './node-notes.ts';

/** Keys of `save` that have a field of their own, which shows what is said about them. */
const saveFieldLabels: Readonly<Record<string, string>> = {
  chart: 'Name',
  version: 'Version',
  description: 'Description',
  appVersion: 'App version',
  keywords: 'Keywords',
  icon: 'Icon',
  type: 'Type',
  annotations: 'Annotations',
};

/** Field for a text of `save`, with what is said about it. */
export function SaveField(props: {
  label: string;
  value: string;
  list?: readonly string[];
  /** Text below the field. */
  hint?: string;
  /** Error or warning about the value. */
  note?: Note | undefined;
  /** Whether the value is taken over when the field is left, since half a value would be read in another way. */
  isWhole?: boolean;
  onInput: (value: string) => void;
}) {
  const { label, value, list, hint, note, isWhole, onInput } = props;
  const id = idOfLabel(label);
  // The page is drawn anew meanwhile, as when a dry run answers: half a value must not be lost then.
  const [typed, setTyped] = useState<string>();
  const take = (event: Event) => {
    setTyped(undefined);
    onInput(inputTextOf(event));
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={typed ?? value}
        spellcheck={false}
        type="text"
        aria-invalid={note?.isError ?? false}
        aria-describedby={note ? `${id}-note` : hint && `${id}-hint`}
        list={list && `${id}-list`}
        onInput={isWhole ? (event: Event) => setTyped(inputTextOf(event)) : take}
        onChange={isWhole ? take : undefined}
        onBlur={() => setTyped(undefined)}
      />
      {note && (
        <p id={`${id}-note`} class={note.isError ? 'fault' : 'warning'}>
          {note.message}
        </p>
      )}
      {hint && !note && (
        <p id={`${id}-hint`} class="muted">
          {hint}
        </p>
      )}
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </div>
  );
}

/** Tells whether a key of `save` has a field of its own. */
export function hasSaveField(key: string): boolean {
  return Object.hasOwn(saveFieldLabels, key);
}

/** Returns the id of the field of a key of `save`. The field of the name is taken where the key has none. */
export function saveFieldId(key: string): string {
  return idOfLabel(saveFieldLabels[key] ?? 'Name');
}

function idOfLabel(label: string): string {
  return `save-${label.toLowerCase().replaceAll(/\W+/g, '-')}`;
}

function inputTextOf({ currentTarget }: Event): string {
  return currentTarget instanceof HTMLInputElement ? currentTarget.value : '';
}
