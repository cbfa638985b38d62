import { useEffect, useState } from 'preact/hooks';
import { readAnnotations, writeAnnotations } from './annotations-text.ts';
import type { Note } from './node-notes.ts';
import { saveFieldId } from './save-field.tsx';

/** Field for the annotations of the new chart, as YAML. They are taken over when the field is left. */
export function AnnotationsField(props: {
  annotations: unknown;
  note: Note | undefined;
  /** A text is what could not be read. */
  onChange: (annotations: Record<string, string> | string | undefined) => void;
}) {
  const { annotations, note, onChange } = props;
  const written = writeAnnotations(annotations);
  const [text, setText] = useState(written);
  // The text of the recipe changes them too.
  useEffect(() => setText(written), [written]);
  const taken = readAnnotations(written);
  const fault = 'fault' in taken ? taken.fault : undefined;
  const id = saveFieldId('annotations');
  const said = fault ?? note?.message;
  return (
    <div class="field">
      <label for={id}>Annotations</label>
      <textarea
        id={id}
        class="code"
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        value={text}
        spellcheck={false}
        aria-invalid={fault !== undefined || (note?.isError ?? false)}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget }) => {
          const read = readAnnotations(currentTarget.value);
          // The recipe gets what cannot be read as well: it is kept with the draft, and the registry refuses it.
          onChange('fault' in read ? currentTarget.value : read.value);
        }}
      />
      <p
        id={`${id}-hint`}
        class={said === undefined ? 'muted' : fault || note?.isError ? 'fault' : 'warning'}
      >
        {said ?? 'Lines of “key: value”, such as artifacthub.io/license: MIT'}
      </p>
    </div>
  );
}
