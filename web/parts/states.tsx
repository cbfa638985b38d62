import type { ComponentChildren } from 'preact';
import type { RequestProblem } from '../api/problem.ts';
import type { LoadedData } from '../api/use-data.ts';
import { Button } from './button.tsx';
import { pathToLogIn } from './log-in.ts';

/** Text where there is nothing to show, and what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Problem of a request: message, id in the log, and a button to try again. */
export function Problem({
  problem,
  retry,
  isQuiet,
}: {
  problem: RequestProblem;
  retry?: (() => void) | undefined;
  /** Whether a live region around it speaks it already. */
  isQuiet?: boolean;
}) {
  return (
    <div class="note" data-tone="danger" role={isQuiet ? undefined : 'alert'}>
      <p>{problem.message}</p>
      {problem.status === 401 ? (
        <p>
          <a href={pathToLogIn(location.pathname + location.search)}>Log in</a> and try again.
        </p>
      ) : null}
      <p class="row small muted">
        {retry ? (
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        ) : null}
        <span>
          {problem.code}
          {problem.requestId === undefined ? '' : ` · request ${problem.requestId}`}
        </span>
      </p>
    </div>
  );
}

/** Placeholder of what loads: about as many lines as it will have. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeleton">
      <span class="unseen">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}

/** Shows data, a placeholder while it loads, or its problem. The last good value stays beside a problem. */
export function Data<T>({
  data,
  lines,
  children,
}: {
  data: LoadedData<T>;
  lines?: number;
  children: (value: T) => ComponentChildren;
}) {
  const { value, problem, isLoading, isOld, reload } = data;
  return (
    <>
      {problem ? <Problem problem={problem} retry={reload} /> : null}
      {value !== undefined ? (
        <div class="data" aria-busy={isLoading} data-old={isOld ? 'true' : undefined}>
          {children(value)}
        </div>
      ) : problem ? null : (
        <Skeleton {...(lines === undefined ? {} : { lines })} />
      )}
    </>
  );
}
