import type { Composer } from './composer-state.ts';
import type { Draft } from './draft.ts';
import type { Note } from './node-notes.ts';
import { NotesList } from './notes-list.tsx';

const valuesChoices: { value: Draft['values']; label: string }[] = [
  { value: 'merge', label: 'merge into the defaults of the charts' },
  { value: 'replace', label: 'replace the defaults' },
  { value: 'literal', label: 'literal, under _config' },
];

/** Keys of `save` that have a field of their own, which shows what is said about them. */
const fields: Readonly<Record<string, string>> = {
  chart: 'Name',
  version: 'Version',
  description: 'Description',
};

/** Form of the new chart: where it is stored, under which name and version. */
export function SaveForm(props: { composer: Composer; spaces: readonly string[]; notes: readonly Note[] }) {
  const { composer, spaces, notes } = props;
  const noteOf = (key: string) => notes.find(({ place }) => place === `/${key}`);
  const others = notes.filter(({ place }) => !Object.hasOwn(fields, place.slice(1)));
  const draft = composer.draft.value;
  const change = (next: Partial<Draft>) => composer.change({ ...draft, ...next });
  return (
    <fieldset class="save-form">
      <legend class="unseen">The new chart</legend>
      <TextField label="Space" value={draft.space} list={spaces} onInput={(space) => change({ space })} />
      <TextField
        label="Name"
        value={draft.chart}
        note={noteOf('chart')}
        onInput={(chart) => change({ chart })}
      />
      <TextField
        label="Version"
        value={draft.version}
        note={noteOf('version')}
        onInput={(version) => change({ version })}
      />
      <TextField
        label="Description"
        note={noteOf('description')}
        value={draft.description}
        onInput={(description) => change({ description })}
      />
      <NotesList notes={others} />
      <details>
        <summary>More</summary>
        <div class="field">
          <label for="save-values">Values of the nodes</label>
          <select
            id="save-values"
            value={draft.values}
            onChange={({ currentTarget }) => {
              const found = valuesChoices.find(({ value }) => value === currentTarget.value);
              if (found) change({ values: found.value });
            }}
          >
            {valuesChoices.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.replace}
            onChange={({ currentTarget }) => change({ replace: currentTarget.checked })}
          />{' '}
          Replace this version if it exists
        </label>
        <TextField
          label="Spaces to resolve missing parts from"
          value={draft.from.join(' ')}
          isWhole
          onInput={(text) => change({ from: text.split(/[\s,]+/).filter((name) => name !== '') })}
        />
      </details>
    </fieldset>
  );
}

function TextField(props: {
  label: string;
  value: string;
  list?: readonly string[];
  /** Error or warning about the value. */
  note?: Note | undefined;
  /** Whether the value is taken over when the field is left, since half a value would be read in another way. */
  isWhole?: boolean;
  onInput: (value: string) => void;
}) {
  const { label, value, list, note, isWhole, onInput } = props;
  const id = idOfLabel(label);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        spellcheck={false}
        type="text"
        aria-invalid={note?.isError ?? false}
        aria-describedby={note && `${id}-note`}
        list={list && `${id}-list`}
        {...{ [isWhole ? 'onChange' : 'onInput']: (event: Event) => onInput(textOf(event)) }}
      />
      {note && (
        <p id={`${id}-note`} class={note.isError ? 'fault' : 'warning'}>
          {note.message}
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

/** Returns the id of the field of a key of `save`. The field of the name is taken where the key has none. */
export function saveFieldId(key: string): string {
  return idOfLabel(fields[key] ?? 'Name');
}

function idOfLabel(label: string): string {
  return `save-${label.toLowerCase().replaceAll(/\W+/g, '-')}`;
}

function textOf({ currentTarget }: Event): string {
  return currentTarget instanceof HTMLInputElement ? currentTarget.value : '';
}
