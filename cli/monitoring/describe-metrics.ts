import { metricPrefix } from '../../core/metrics/subject.ts';
import { subjects } from '../../core/metrics/subjects.ts';

/** Writes the tables of all metrics for docs/monitoring.md, in Markdown. */
export function describeMetrics(): string {
  return subjects
    .map(({ title, metrics }) => {
      const rows = Object.entries(metrics).map(
        ([name, { type, labels, help }]) =>
          `| \`${metricPrefix}${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
      );
      return [`### ${title}`, '', '| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join(
        '\n',
      );
    })
    .join('\n\n');
}

/** Writes the table of all alerts, with what to do at each. */
export function describeAlerts(): string {
  const rows = subjects.flatMap(({ alerts }) =>
    alerts.map(
      ({ name, severity, summary, remedy }) =>
        `| \`${name}\` | ${severity} | ${summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '*$1*')} | ${remedy.replaceAll('|', '\\|')} |`,
    ),
  );
  return ['| alert | severity | when | what to do |', '|---|---|---|---|', ...rows].join('\n');
}
