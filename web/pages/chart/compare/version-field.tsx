import { useId } from 'preact/hooks';

/** Field for a version, which suggests those that are there. Any other can be written too. */
export function VersionField({
  label,
  value,
  names,
  onChange,
}: {
  label: string;
  value: string;
  names: readonly string[];
  onChange: (version: string) => void;
}) {
  const id = useId();
  return (
    <label class="field">
      {label}
      <input
        class="input mono"
        list={id}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onChange={({ currentTarget }) => {
          if (currentTarget.value.trim()) onChange(currentTarget.value.trim());
        }}
      />
      <datalist id={id}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
