import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { findKeyTarget } from './tree-keys.ts';
import type { ValueRow } from './values-tree.ts';
import './values-tree.css';

/** Pixels of a row, as the style sheet has it. */
const rowHeight = 30;
/** Rows that are drawn above and below those that are seen. */
const marginRows = 12;

/**
 * Tree of values of which only the seen rows are drawn. Arrow keys, Home and End move in it, as in any tree.
 * @param describe shows what stands beside a value
 */
export function ValuesTreeView({
  label,
  rows,
  current,
  matches,
  describe,
  onSelect,
  onToggle,
}: {
  label: string;
  rows: readonly ValueRow[];
  current: string | undefined;
  matches: ReadonlySet<string>;
  describe: (row: ValueRow) => ComponentChildren;
  onSelect: (pointer: string) => void;
  onToggle: (row: ValueRow) => void;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [hasFocus, setFocus] = useState(false);
  const at = Math.max(
    0,
    rows.findIndex(({ pointer }) => pointer === current),
  );
  const height = frame.current?.clientHeight || 600;
  const first = Math.max(0, Math.floor(top / rowHeight) - marginRows);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + marginRows);

  useLayoutEffect(() => {
    if (current !== undefined && frame.current) scrollToRow(frame.current, at);
  }, [current]);
  useLayoutEffect(() => {
    if (hasFocus) frame.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  }, [current, first, hasFocus]);

  function move(event: KeyboardEvent): void {
    const target = findKeyTarget(event.key, rows, at);
    if (!target) return;
    event.preventDefault();
    if (target.toggle) onToggle(target.row);
    else onSelect(target.row.pointer);
  }

  return (
    <div
      ref={frame}
      class="values-tree"
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onFocusIn={() => setFocus(true)}
      onFocusOut={() => setFocus(false)}
    >
      <div
        role="tree"
        aria-label={label}
        style={{ height: `${rows.length * rowHeight}px` }}
        onKeyDown={move}
        tabIndex={-1}
      >
        {rows.slice(first, last).map((row, index) => (
          <Row
            key={row.pointer}
            row={row}
            place={first + index}
            isCurrent={row.pointer === current}
            isStop={first + index === at}
            isMatch={matches.has(row.pointer)}
            onSelect={onSelect}
            onToggle={onToggle}
          >
            {describe(row)}
          </Row>
        ))}
      </div>
    </div>
  );
}

function Row({
  row,
  place,
  isCurrent,
  isStop,
  isMatch,
  onSelect,
  onToggle,
  children,
}: {
  row: ValueRow;
  place: number;
  isCurrent: boolean;
  isStop: boolean;
  isMatch: boolean;
  onSelect: (pointer: string) => void;
  onToggle: (row: ValueRow) => void;
  children: ComponentChildren;
}) {
  const isParent = row.children !== undefined && row.children > 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself has the keys.
    <div
      role="treeitem"
      aria-level={row.depth}
      aria-posinset={row.place}
      aria-setsize={row.among}
      aria-expanded={isParent ? row.open : undefined}
      aria-selected={isCurrent}
      tabIndex={isStop ? 0 : -1}
      data-match={isMatch ? '' : undefined}
      style={{
        top: `${place * rowHeight}px`,
        paddingInlineStart: `${0.5 + Math.min(row.depth - 1, 12) * 1.1}rem`,
      }}
      onClick={() => {
        onSelect(row.pointer);
        if (isParent) onToggle(row);
      }}
    >
      <i aria-hidden="true">{isParent ? (row.open ? '▾' : '▸') : ''}</i>
      {children}
    </div>
  );
}

function scrollToRow(frame: HTMLElement, place: number): void {
  const top = place * rowHeight;
  const { scrollTop, clientHeight } = frame;
  if (top >= scrollTop && top + rowHeight <= scrollTop + clientHeight) return;
  const isFar = top < scrollTop - clientHeight / 2 || top > scrollTop + clientHeight * 1.5;
  if (isFar) frame.scrollTop = top - clientHeight / 2;
  else frame.scrollTop = top < scrollTop ? top : top + rowHeight - clientHeight;
}
