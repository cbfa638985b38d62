import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../../parts/button.tsx';

/** Entries that a list has before somebody asks for more. */
const initialItemCount = 12;

/** Name and text of a fact; nothing where there is no text. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === undefined || children === null || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? <bdi>{children}</bdi> : children}</dd>
    </div>
  );
}

/** Fact that is a list. */
export function FactList<Item>({
  name,
  items = [],
  inline = false,
  show,
}: {
  name: string;
  items?: readonly Item[] | undefined;
  inline?: boolean;
  show: (item: Item) => ComponentChildren;
}) {
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  const shown = isWhole ? items : items.slice(0, initialItemCount);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <ul class="plain" data-inline={inline ? '' : undefined}>
          {shown.map((item, index) => (
            <li key={index}>{show(item)}</li>
          ))}
        </ul>
        {shown.length < items.length ? (
          <Button size="small" kind="quiet" onClick={() => setWhole(true)}>
            All {items.length}
          </Button>
        ) : null}
      </dd>
    </div>
  );
}
