import { useRef } from 'preact/hooks';
import { pathTo } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { describeBytes } from '../../parts/bytes.ts';
import { pathToLogIn } from '../../parts/log-in.ts';
import { describeUploads } from './describe-uploads.ts';
import { pageUploads } from './page-uploads.ts';
import { isUnsent, type Upload } from './uploads.ts';

/** Lists the uploads of the page to a space, or to any. */
export function listUploads(space: string | undefined): readonly Upload[] {
  const rows = pageUploads.rows.value;
  return space === undefined ? rows : rows.filter((row) => row.space === space);
}

/**
 * Files that are uploaded to a space, or to any. Each has a row, with what was sent, what it became, or why not.
 * @param onCleared takes the focus, which was in the list
 */
export function UploadRows({ space, onCleared }: { space: string | undefined; onCleared?: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  const rows = listUploads(space);
  if (rows.length === 0) return null;
  const unsent = rows.filter(({ state }) => isUnsent(state)).map(({ id }) => id);
  const isLoggedOut = rows.some(
    ({ state, problem }) => state === 'stopped' || (state === 'failed' && problem?.status === 401),
  );
  // The button that was pressed goes: the focus stays near.
  const retry = (ids: readonly number[]) => {
    pageUploads.retry(ids);
    list.current?.focus({ preventScroll: true });
  };
  return (
    <section class="card uploads" aria-label="Uploads">
      <header>
        <h2>{describeUploads(rows)}</h2>
        <div class="row">
          {unsent.length > 1 ? (
            <Button size="small" onClick={() => retry(unsent)}>
              Retry all {unsent.length}
            </Button>
          ) : null}
          {rows.every(({ state }) => state === 'done' || isUnsent(state)) ? (
            <Button
              size="small"
              kind="quiet"
              onClick={() => {
                pageUploads.remove(rows.map(({ id }) => id));
                onCleared?.();
              }}
            >
              Clear the list
            </Button>
          ) : null}
        </div>
      </header>
      {isLoggedOut ? (
        // In a tab of its own: this page has the files, and would lose them.
        <p class="upload-log-in" role="alert">
          You are logged out. Log in{' '}
          <a href={pathToLogIn(pathTo())} target="_blank" rel="noopener">
            in another tab
          </a>
          , then retry here.
        </p>
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <ul ref={list} class="upload-rows" aria-label="Files" tabIndex={0}>
        {rows.map((row) => (
          <UploadRow key={row.id} row={row} retry={() => retry([row.id])} />
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
          <bdi>{name}</bdi>
        )}
      </span>
      <span class="small muted number">{describeBytes(size)}</span>
      <span class="upload-state small">
        {state === 'waiting' ? 'waits' : null}
        {state === 'sending' ? <progress value={sent} max={size} aria-label={`Sending ${name}`} /> : null}
        {state === 'reading' ? 'is read' : null}
        {state === 'done' ? <span class="good">✓ uploaded</span> : null}
        {isUnsent(state) ? (
          <Button size="small" aria-label={`Retry ${name}`} onClick={retry}>
            Retry
          </Button>
        ) : null}
      </span>
      {state === 'stopped' ? <p class="upload-problem small">Not sent: log in, then retry.</p> : null}
      {problem && state === 'failed' ? (
        <p class="upload-problem small">
          {problem.message}
          {problem.requestId === undefined ? '' : ` (request ${problem.requestId})`}
        </p>
      ) : null}
    </li>
  );
}
