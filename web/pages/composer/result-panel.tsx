import type { ComponentChildren } from 'preact';
import { Badge } from '../../parts/badge.tsx';
import { Problem } from '../../parts/states.tsx';
import type { DryRunState } from './dry-run.ts';
import { ResultCharts } from './result-charts.tsx';
import { ResultValues } from './result-values.tsx';

/** Result of the dry run: faults, warnings, sources, charts inside and values. */
export function ResultPanel(props: {
  state: DryRunState;
  /** Reason why there is nothing to run yet. */
  waiting: string | undefined;
  onVisit: (pointer: string) => void;
  /** Buttons for the result. */
  children: ComponentChildren;
}) {
  const { state, waiting, onVisit, children } = props;
  const { result, problem, isRunning } = state;
  return (
    <section class="result" aria-label="What the recipe would make" aria-busy={isRunning}>
      <h2>
        Result <span class="hint">{isRunning ? 'checking…' : ''}</span>
      </h2>
      <div role="status">
        {waiting !== undefined && <p class="hint">{waiting}</p>}
        {waiting === undefined && problem && (
          <>
            <Problem problem={problem} isQuiet />
            <PlaceButton pointer={textIfString(problem.details.pointer)} onVisit={onVisit} />
          </>
        )}
        {waiting === undefined && !problem && result && <Summary result={result} />}
      </div>
      {children}
      {result && (
        <div class={problem || waiting !== undefined ? 'stale' : ''}>
          <Warnings result={result} onVisit={onVisit} />
          <Sources result={result} />
          <ResultCharts result={result} />
          <Changes result={result} />
          <ResultValues values={result.values} />
        </div>
      )}
    </section>
  );
}

type Result = NonNullable<DryRunState['result']>;

function Summary({ result }: { result: Result }) {
  const { warnings, sources } = result;
  if (isVersionTaken(result))
    return <p class="warning">This version exists: choose another one, or replace it.</p>;
  return (
    <p class="good">
      Ready to compose from {sources.length} {sources.length === 1 ? 'chart' : 'charts'}
      {warnings.length > 0
        ? `, with ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`
        : ''}
      .{result.replaces ? ' It replaces the version that exists.' : ''}
    </p>
  );
}

/** Tells whether the recipe would be refused because its version exists. */
export function isVersionTaken({ warnings }: Result): boolean {
  return warnings.some(({ code }) => code === 'version.exists');
}

function Warnings({ result, onVisit }: { result: Result; onVisit: (pointer: string) => void }) {
  if (result.warnings.length === 0) return null;
  return (
    <ul class="warnings">
      {result.warnings.map((warning) => (
        <li key={`${warning.code} ${warning.pointer} ${warning.message}`}>
          <Badge tone="warn">{warning.code}</Badge> {warning.message}
          {warning.file && (
            <span class="hint">
              {' '}
              {warning.file}
              {warning.line ? `:${warning.line}` : ''}
            </span>
          )}{' '}
          <PlaceButton pointer={warning.pointer} onVisit={onVisit} />
        </li>
      ))}
    </ul>
  );
}

function Sources({ result }: { result: Result }) {
  return (
    <details>
      <summary>Made from {result.sources.length}</summary>
      <ul>
        {result.sources.map((source) => (
          <li key={source.pointer}>
            {source.space}/{source.chart} <b>{source.version}</b>
            {source.requested !== source.version && <span class="hint"> from {source.requested}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Changes({ result: { comparison } }: { result: Result }) {
  const values = comparison?.values;
  if (!comparison || !values) return null;
  return (
    <details open>
      <summary>
        {values.total} {values.total === 1 ? 'value differs' : 'values differ'} from {comparison.from.version}
      </summary>
      <ul class="changes">
        {values.items.map(({ pointer, change, from, to }) => (
          <li key={pointer}>
            <code>{pointer.slice(1).replaceAll('/', '.')}</code> <span class="hint">{change}</span>{' '}
            {from !== undefined && <del>{JSON.stringify(from)}</del>}{' '}
            {to !== undefined && <ins>{JSON.stringify(to)}</ins>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function PlaceButton({
  pointer,
  onVisit,
}: {
  pointer: string | undefined;
  onVisit: (pointer: string) => void;
}) {
  if (!pointer) return null;
  return (
    <button type="button" class="link" onClick={() => onVisit(pointer)}>
      Show <code>{pointer}</code>
    </button>
  );
}

function textIfString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
