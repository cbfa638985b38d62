import { stringify } from 'yaml';
import { subjects } from '../../core/metrics/subjects.ts';

const head =
  '# Alert rules for Prometheus. `npm run docs` writes this file; docs/monitoring.md says what to do at each.\n';

/** Writes the alert rules, as Prometheus reads them. There is a group for each subject that has alerts. */
export function writeRules(): string {
  const groups = subjects.flatMap(({ title, alerts }) =>
    alerts.length === 0
      ? []
      : [
          {
            name: `helm-registry: ${title.toLowerCase()}`,
            rules: alerts.map(({ name, expr, for: duration, severity, summary, remedy }) => ({
              alert: name,
              expr,
              for: duration,
              labels: { severity },
              annotations: { summary, description: remedy },
            })),
          },
        ],
  );
  return `${head}${stringify({ groups }, { lineWidth: 0 })}`;
}
