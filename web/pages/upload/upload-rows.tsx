import { pathTo } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { describeBytes } from '../../parts/bytes.ts';
import type { Upload, Uploads } from './uploads.ts';

/** Files that are uploaded. Each has a row, with what was sent, what it became, or why not. */
export function UploadRows({ uploads }: { uploads: Uploads }) {
  const rows = uploads.rows.value;
  if (rows.length === 0) return null;
  const count = (state: Upload['state']) => rows.filter((row) => row.state === state).length;
  const [done, failed] = [count('done'), count('failed')];
  return (
    <section class="card uploads" aria-label="Uploads">
      <header>
        <h2>
          {done} of {rows.length} uploaded{failed > 0 ? `, ${failed} refused` : ''}
        </h2>
        {failed > 1 ? (
          <Button size="small" onClick={uploads.retryAll}>
            Retry all {failed}
          </Button>
        ) : null}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <ul class="upload-rows" aria-label="Files" tabIndex={0}>
        {rows.map((row) => (
          <UploadRow key={row.id} row={row} retry={() => uploads.retry(row.id)} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ row, retry }: { row: Upload; retry: () => void }) {
  const { name, size, sent, state, result, problem } = row;
  return (
    <li data-state={state}>
      <span class="upload-name">
        {result ? (
          <a href={pathTo('charts', result.space, result.chart)}>
            {result.chart} {result.version}
          </a>
        ) : (
          name
        )}
      </span>
      <span class="small muted number">{describeBytes(size)}</span>
      <span class="upload-state small">
        {state === 'waiting' ? 'waits' : null}
        {state === 'sending' ? <progress value={sent} max={size} aria-label={`Sending ${name}`} /> : null}
        {state === 'reading' ? 'is read' : null}
        {state === 'done' ? <span class="good">✓ uploaded</span> : null}
        {state === 'failed' ? (
          <Button size="small" aria-label={`Retry ${name}`} onClick={retry}>
            Retry
          </Button>
        ) : null}
      </span>
      {problem && state === 'failed' ? (
        <p class="upload-problem small">
          {problem.message}
          {problem.requestId === undefined ? '' : ` (request ${problem.requestId})`}
        </p>
      ) : null}
    </li>
  );
}
