import { useEffect, useRef } from 'preact/hooks';
import { ChartMetadata, shownMetadataKeys } from './chart-metadata.tsx';
import type { Composer } from './composer-state.ts';
import type { Draft } from './draft.ts';
import type { Note } from './node-notes.ts';
import { NotesList } from './notes-list.tsx';
import { hasSaveField, SaveField } from './save-field.tsx';

const valuesChoices: { value: Draft['values']; label: string }[] = [
  { value: 'merge', label: 'merge into the defaults of the charts' },
  { value: 'replace', label: 'replace the defaults' },
  { value: 'literal', label: 'literal, under _config' },
];

/** Form of the new chart: where it is stored, under which name and version. */
export function SaveForm(props: { composer: Composer; spaces: readonly string[]; notes: readonly Note[] }) {
  const { composer, spaces, notes } = props;
  const noteOf = (key: string) => notes.find(({ place }) => place === `/${key}`);
  const others = notes.filter(({ place }) => !hasSaveField(place.slice(1)));
  const draft = composer.draft.value;
  const change = (next: Partial<Draft>) =>
    composer.change({ ...draft, ...next }, Object.keys(next).join(' '));
  const fold = useRef<HTMLDetailsElement>(null);
  const hasFoldedNote = shownMetadataKeys.some((key) => noteOf(key) !== undefined);
  // Open the fold for what is said about a field of it. It stays open then, since somebody may be in the field.
  useEffect(() => {
    if (hasFoldedNote && fold.current) fold.current.open = true;
  }, [hasFoldedNote]);
  return (
    <fieldset class="save-form">
      <legend class="unseen">The new chart</legend>
      <SaveField label="Space" value={draft.space} list={spaces} onInput={(space) => change({ space })} />
      <SaveField
        label="Name"
        value={draft.chart}
        note={noteOf('chart')}
        onInput={(chart) => change({ chart })}
      />
      <SaveField
        label="Version"
        value={draft.version}
        note={noteOf('version')}
        onInput={(version) => change({ version })}
      />
      <SaveField
        label="Description"
        note={noteOf('description')}
        value={draft.description}
        onInput={(description) => change({ description })}
      />
      <NotesList notes={others} />
      <details ref={fold}>
        <summary>More about the chart</summary>
        <ChartMetadata draft={draft} noteOf={noteOf} change={change} />
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
        <SaveField
          label="Spaces to resolve missing parts from"
          value={draft.from.join(' ')}
          isWhole
          onInput={(text) => change({ from: text.split(/[\s,]+/).filter((name) => name !== '') })}
        />
      </details>
    </fieldset>
  );
}
