import type { ComparedVersion, FileChange } from '@helm-registry/client';
import { useState } from 'preact/hooks';
import { fileDiffQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { Button } from '../../../parts/button.tsx';
import { describeBytes } from '../../../parts/bytes.ts';
import { DiffView } from '../../../parts/diff/diff-view.tsx';
import { countChanges, readDiff } from '../../../parts/diff/read-diff.ts';
import { Problem, Skeleton } from '../../../parts/states.tsx';
import { ChangeBadge } from './change-badge.tsx';

/** Diffs that are open from the beginning. */
const maxOpenDiffs = 3;

interface ComparedSides {
  from: ComparedVersion;
  to: ComparedVersion;
}

/** Changed files with their diffs; a diff is drawn once it is opened. */
export function FileChanges({ changes, ...sides }: ComparedSides & { changes: readonly FileChange[] }) {
  return (
    <ul class="changes-list file-changes">
      {changes.map((change, index) => (
        <li key={change.path}>
          <FileChangeItem change={change} isFirst={index < maxOpenDiffs} {...sides} />
        </li>
      ))}
    </ul>
  );
}

function FileChangeItem({
  change,
  isFirst,
  ...sides
}: ComparedSides & { change: FileChange; isFirst: boolean }) {
  const [isOpen, setOpen] = useState(isFirst);
  const { path, diff, binary, from, to } = change;
  const counts = diff === undefined ? undefined : countChanges(readDiff(diff));
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary class="row">
        <ChangeBadge change={change.change} />
        <code>
          <bdi>{path}</bdi>
        </code>
        {counts ? (
          <span class="small">
            <span class="good">+{counts.added}</span> <span class="danger">−{counts.removed}</span>
          </span>
        ) : null}
      </summary>
      {isOpen ? (
        <>
          {binary ? (
            <p class="small muted">
              Not text: {[from, to].flatMap((side) => (side ? [describeBytes(side.size)] : [])).join(' → ')}
            </p>
          ) : null}
          {diff ? <DiffView diff={diff} label={`Changes of ${path}`} /> : null}
          {change.truncated ? <WholeDiff path={path} {...sides} /> : null}
        </>
      ) : null}
    </details>
  );
}

/** Link to a diff that was cut. Requested alone, it may be longer. */
function WholeDiff({ path, from, to }: ComparedSides & { path: string }) {
  const [isWanted, setWanted] = useState(false);
  const input = { space: from.space, chart: from.chart, version: from.version, to: to.version, path };
  const whole = useData(fileDiffQuery, isWanted ? input : undefined);
  if (!isWanted) {
    return (
      <p class="row small">
        The diff is long.{' '}
        <Button size="small" onClick={() => setWanted(true)}>
          Show more of it
        </Button>
      </p>
    );
  }
  if (whole.problem) return <Problem problem={whole.problem} retry={whole.reload} />;
  const file = whole.value?.files?.items[0];
  if (!file) return <Skeleton lines={4} />;
  return (
    <>
      {file.diff ? <DiffView diff={file.diff} label={`All changes of ${path}`} /> : null}
      {file.truncated ? <p class="small muted">The rest is left out for its length.</p> : null}
    </>
  );
}
