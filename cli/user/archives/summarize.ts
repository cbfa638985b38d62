import { CommandError } from '../command-error.ts';
import { formatCount } from '../display/count.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Session } from '../session/session.ts';

/** Outcome of one of many, by what has become of it. */
interface Outcome {
  result: string;
  exitCode?: ExitCode;
}

/**
 * Writes how many of many had which outcome.
 * @throws {CommandError} where some failed, with their exit code if they have the same one
 */
export function summarize(
  { note }: Pick<Session, 'note'>,
  thing: string,
  outcomes: readonly Outcome[],
): void {
  const numbers = new Map<string, number>();
  for (const { result } of outcomes) numbers.set(result, (numbers.get(result) ?? 0) + 1);
  const parts = [...numbers].map(([result, number]) => `${number} ${result}`).sort();
  note(`${formatCount(outcomes.length, thing)}: ${parts.join(', ')}`);
  const codes = new Set(outcomes.flatMap(({ exitCode }) => (exitCode === undefined ? [] : [exitCode])));
  const [code] = codes;
  if (code === undefined) return;
  const failures = numbers.get('failed') ?? 0;
  throw new CommandError(
    `${failures} of ${formatCount(outcomes.length, thing)} failed`,
    codes.size === 1 ? code : exitCodes.failed,
  );
}
