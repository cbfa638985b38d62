import { useMemo, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { describeCount } from '../bytes.ts';
import { type DiffLine, readDiff } from './read-diff.ts';
import './diff.css';

/** Largest number of lines that are drawn before somebody asks for more. */
const initialLineCount = 400;
const lineSigns = { same: ' ', added: '+', removed: '−', hunk: '', note: '' } as const;
const screenReaderWords = { same: '', added: 'added', removed: 'removed', hunk: '', note: '' } as const;

/** Unified diff of a file, with the line numbers of both sides. */
export function DiffView({ diff, label }: { diff: string; label: string }) {
  const lines = useMemo(() => readDiff(diff), [diff]);
  const [shown, setShown] = useState(initialLineCount);
  const rest = lines.length - shown;
  return (
    <>
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="diff" aria-label={label} tabIndex={0} dir="ltr">
        <pre>
          {lines.slice(0, shown).map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </pre>
      </section>
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      {rest > 0 ? (
        <p>
          <Button size="small" onClick={() => setShown(shown + 5_000)}>
            Show {describeCount(Math.min(rest, 5_000), 'more line', 'more lines')}
          </Button>
        </p>
      ) : null}
    </>
  );
}

function Line({ line: { kind, text, from, to } }: { line: DiffLine }) {
  const word = screenReaderWords[kind];
  return (
    <span data-diff={kind}>
      <i aria-hidden="true" data-from={from} data-to={to} data-sign={lineSigns[kind]} />
      {word === '' ? null : <span class="unseen">{word}: </span>}
      {text.slice(0, 4_000)}
      {'\n'}
    </span>
  );
}
