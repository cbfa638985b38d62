import { useMemo, useState } from 'preact/hooks';
import { stringify } from 'yaml';

/** Values of the new chart as YAML. They may be long, and are written only while they are shown. */
export function ResultValues({ values }: { values: unknown }) {
  const [isOpen, setOpen] = useState(false);
  const text = useMemo(() => (isOpen ? stringify(values) : ''), [values, isOpen]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Values of the new chart</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard. */}
      <pre class="code" tabIndex={0}>
        {text}
      </pre>
    </details>
  );
}
