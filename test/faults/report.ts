import type { Result } from './run.ts';

/** Maximum number of printed faults of one rule. */
const maxLines = 12;

/** Renders a result as lines for a person. */
export function describeResult({ checks, tallies }: Result): string[] {
  const lines = Object.entries(tallies).map(
    ([name, tally]) =>
      `${name}: ${[...tally]
        .sort()
        .map(([key, number]) => `${key} x ${number}`)
        .join(', ')}`,
  );
  for (const { rule, looked, faults } of checks) {
    lines.push(`${faults.length === 0 ? 'ok    ' : 'FAILED'}  ${rule} (${looked})`);
    for (const fault of faults.slice(0, maxLines)) lines.push(`          ${fault}`);
    if (faults.length > maxLines) lines.push(`          and ${faults.length - maxLines} more`);
  }
  return lines;
}

/** Tells whether all rules hold. */
export function hasPassed({ checks }: Result): boolean {
  return checks.every(({ faults }) => faults.length === 0);
}
