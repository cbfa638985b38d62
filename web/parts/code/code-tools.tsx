import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from '../button.tsx';
import { describeCount } from '../bytes.ts';
import { cutLines, findLines, stepLine } from './text-lines.ts';

/** Search in a text, and the way to a line of it. */
export function CodeTools({
  text,
  line,
  search,
  onSearch,
  onLine,
  children,
}: {
  text: string;
  line: number | undefined;
  search: string;
  onSearch: (search: string) => void;
  onLine: (line: number | undefined) => void;
  /** Further buttons. */
  children?: ComponentChildren;
}) {
  const lines = useMemo(() => cutLines(text).lines, [text]);
  const found = useMemo(() => findLines(lines, search), [lines, search]);
  const step = (direction: 1 | -1) => onLine(stepLine(found, line, direction));
  return (
    <form
      class="code-tools"
      onSubmit={(event) => {
        event.preventDefault();
        step(1);
      }}
    >
      <input
        class="input"
        type="search"
        aria-label="Search in this text"
        placeholder="Search in this text"
        value={search}
        onInput={({ currentTarget }) => onSearch(currentTarget.value)}
      />
      {search.trim() === '' ? null : (
        <span class="row small muted">
          <span role="status">{describeCount(found.length, 'line')}</span>
          <Button size="small" aria-label="Line found before" onClick={() => step(-1)}>
            ↑
          </Button>
          <Button size="small" aria-label="Next found line" onClick={() => step(1)}>
            ↓
          </Button>
        </span>
      )}
      <label class="row small muted">
        Line
        <input
          class="input code-line"
          type="number"
          min={1}
          max={lines.length}
          value={line ?? ''}
          onChange={({ currentTarget }) => onLine(readLineNumber(currentTarget.value, lines.length))}
        />
      </label>
      {children}
    </form>
  );
}

/** Reads the number of a line; undefined for any other text. */
export function readLineNumber(text: string | undefined, last = Number.MAX_SAFE_INTEGER): number | undefined {
  const line = Number(text);
  return text && Number.isInteger(line) && line >= 1 ? Math.min(line, last) : undefined;
}
