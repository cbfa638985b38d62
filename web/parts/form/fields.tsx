import { type ComponentChildren, createElement } from 'preact';
import { useId } from 'preact/hooks';

interface NamedFieldProperties {
  label: string;
  name: string;
  /** Text below the field. */
  hint?: ComponentChildren;
}

interface TextFieldProperties extends NamedFieldProperties {
  type?: 'text' | 'number' | 'password' | 'url' | 'datetime-local';
  required?: boolean;
  defaultValue?: string;
  autocomplete?: 'off' | 'current-password' | 'new-password';
  placeholder?: string;
  minLength?: number;
  maxLength?: number;
  min?: number;
  max?: number;
  step?: number | 'any';
}

/** Field for a line of text. */
export function TextField({ label, hint, type = 'text', ...rest }: TextFieldProperties) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {/* As an element its types would want one form for each type of input. */}
      {createElement('input', {
        spellcheck: false,
        autocomplete: 'off',
        ...rest,
        type,
        id,
        class: 'input',
        'aria-describedby': hint ? hintIdOf(id) : undefined,
      })}
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** Field for one of some words. */
export function SelectField({
  label,
  name,
  hint,
  value,
  options,
  groups = {},
}: NamedFieldProperties & {
  value?: string | undefined;
  /** Texts by their words. */
  options: Readonly<Record<string, string>>;
  /** More words, which are their own texts, under the names of their groups. */
  groups?: Readonly<Record<string, readonly string[]>>;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="select" name={name} aria-describedby={hint ? hintIdOf(id) : undefined}>
        {Object.entries(options).map(([word, text]) => (
          <option key={word} value={word} selected={word === value}>
            {text}
          </option>
        ))}
        {Object.entries(groups).map(([group, words]) => (
          <optgroup key={group} label={group}>
            {words.map((word) => (
              <option key={word} value={word} selected={word === value}>
                {word}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** Box to tick, or one of several choices with `type="radio"`. */
export function Choice({
  label,
  name,
  value,
  hint,
  type = 'checkbox',
  isChosen = false,
}: NamedFieldProperties & { value: string; type?: 'checkbox' | 'radio'; isChosen?: boolean }) {
  const id = useId();
  return (
    <div class="choice">
      <input
        id={id}
        type={type}
        name={name}
        value={value}
        defaultChecked={isChosen}
        aria-describedby={hint ? hintIdOf(id) : undefined}
      />
      <label for={id}>{label}</label>
      <Hint id={id} hint={hint} />
    </div>
  );
}

const hintIdOf = (id: string) => `${id}-hint`;

function Hint({ id, hint }: { id: string; hint: ComponentChildren }) {
  return hint ? (
    <p id={hintIdOf(id)} class="hint">
      {hint}
    </p>
  ) : null;
}
