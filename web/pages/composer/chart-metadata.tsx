import { readKnownWord } from '../../parts/read-query.ts';
import { AnnotationsField } from './annotations-field.tsx';
import type { Draft } from './draft.ts';
import type { Note } from './node-notes.ts';
import { SaveField, saveFieldId } from './save-field.tsx';

const types = ['application', 'library'] as const;

/** Keys of `save` with the metadata that has fields here. */
export const shownMetadataKeys = ['appVersion', 'keywords', 'icon', 'type', 'annotations'] as const;

type MetadataKey = (typeof shownMetadataKeys)[number];

/** Fields for the metadata of the new chart. A recipe without them is complete. */
export function ChartMetadata(props: {
  draft: Draft;
  noteOf: (key: string) => Note | undefined;
  change: (next: Partial<Draft>) => void;
}) {
  const { draft, noteOf, change } = props;
  const { otherSave, root } = draft;
  const textOf = (key: string) => (typeof otherSave[key] === 'string' ? otherSave[key] : '');
  const setKey = (key: MetadataKey, value: unknown) => {
    const { [key]: _, ...others } = otherSave;
    change({ otherSave: value === undefined ? others : { ...otherSave, [key]: value } });
  };
  const setText = (key: MetadataKey) => (text: string) => setKey(key, text || undefined);
  const { keywords, type } = otherSave;
  return (
    <>
      <SaveField
        label="App version"
        value={textOf('appVersion')}
        hint="Version of what the chart installs, such as 16.4. Empty: that of the root chart, if there is one."
        note={noteOf('appVersion')}
        onInput={setText('appVersion')}
      />
      <SaveField
        label="Keywords"
        value={Array.isArray(keywords) ? keywords.join(', ') : ''}
        hint="Words by which the chart is found, with commas between them."
        note={noteOf('keywords')}
        isWhole
        onInput={(text) => setKey('keywords', readKeywords(text))}
      />
      <SaveField
        label="Icon"
        value={textOf('icon')}
        hint="Address of a picture, which begins with https://"
        note={noteOf('icon')}
        onInput={setText('icon')}
      />
      {root.package === undefined || type !== undefined ? (
        <TypeField value={textOf('type')} note={noteOf('type')} onChange={(next) => setKey('type', next)} />
      ) : null}
      <AnnotationsField
        annotations={otherSave.annotations}
        note={noteOf('annotations')}
        onChange={(annotations) => setKey('annotations', annotations)}
      />
    </>
  );
}

/** Field for the type of an umbrella. Any other chart has the type of its source. */
function TypeField(props: { value: string; note: Note | undefined; onChange: (type?: string) => void }) {
  const { value, note, onChange } = props;
  const id = saveFieldId('type');
  return (
    <div class="field">
      <label for={id}>Type</label>
      <select
        id={id}
        value={value}
        aria-invalid={note?.isError ?? false}
        aria-describedby={note && `${id}-note`}
        onChange={({ currentTarget }) => onChange(readKnownWord(types, currentTarget.value))}
      >
        <option value="">not said, which means application</option>
        {types.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      {note && (
        <p id={`${id}-note`} class={note.isError ? 'fault' : 'warning'}>
          {note.message}
        </p>
      )}
    </div>
  );
}

function readKeywords(text: string): string[] | undefined {
  const words = text.split(',').map((word) => word.trim());
  const named = words.filter((word) => word !== '');
  return named.length === 0 ? undefined : named;
}
