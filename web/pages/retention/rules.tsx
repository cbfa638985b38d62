import type { Retention, RetentionRule } from '@helm-registry/client';
import { describeCount } from '../../parts/bytes.ts';
import { Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { describeKeep } from './describe-keep.ts';

/** Rule with its number. */
interface NumberedRule extends RetentionRule {
  number: number;
}

/** Rules of a space in words, and when they are applied next. */
export function Rules({ retention }: { retention: Retention }) {
  const { rules, mostDeleted, nextRunAt } = retention;
  if (rules.length === 0)
    return (
      <Empty title="There are no rules">
        <p>All versions stay until somebody deletes them.</p>
      </Empty>
    );
  return (
    <div class="stack">
      <RulesTable rules={rules} />
      <p class="small muted">
        Charts that no rule fits keep everything. The highest release of a chart, sources of composed charts,
        and versions that somebody has restored stay too. A run deletes{' '}
        {describeCount(mostDeleted, 'version')} at the most.{' '}
        {nextRunAt === null ? (
          'It begins on request only.'
        ) : (
          <>
            The next one begins <Time at={nextRunAt} />.
          </>
        )}
      </p>
    </div>
  );
}

/** Rules as rows. */
export function RulesTable({ rules }: { rules: readonly RetentionRule[] }) {
  return (
    <div class="card">
      <Table
        label="Rules"
        columns={columns}
        rows={rules.map((rule, at) => ({ ...rule, number: at + 1 }))}
        keyOf={({ number }) => String(number)}
      />
    </div>
  );
}

const columns: readonly Column<NumberedRule>[] = [
  { id: 'rule', label: 'Rule', cell: ({ number }) => <span class="number">Rule {number}</span> },
  { id: 'charts', label: 'Charts', cell: ({ charts }) => <span class="mono">{charts.join(', ')}</span> },
  {
    id: 'keep',
    label: 'Keeps',
    isText: true,
    cell: ({ keep }) => (
      <ul class="parts">
        {describeKeep(keep).map((part) => (
          <li key={part}>{part}</li>
        ))}
      </ul>
    ),
  },
];
