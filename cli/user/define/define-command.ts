import { type Command, InvalidArgumentError, Option } from 'commander';
import { formats } from '../display/formats.ts';
import type { Session } from '../session/session.ts';

/** Description of a command for its help. */
export interface Definition {
  description: string;
  /** Sentences after the options. */
  more?: string;
  /** Lines for a shell; tests run each of them. */
  examples: readonly string[];
  /** Whether it asks a registry and shows a result, and so has `--output` and `--context`. */
  hasResult?: boolean;
}

/** Adds a command with the options that all user commands have. */
export function defineCommand(
  parent: Command,
  usage: string,
  { description, more, examples, hasResult = true }: Definition,
): Command {
  const paragraphs = [...(more === undefined ? [] : [more]), `Examples:\n${indent(examples)}`];
  const command = parent
    .command(usage)
    .description(description)
    .addHelpText('after', `\n${paragraphs.join('\n\n')}`)
    .showHelpAfterError('Add --help for how to use it.');
  if (!hasResult) return command;
  return command
    .addOption(new Option('-o, --output <format>', 'format of the result').choices(formats).default('table'))
    .option('--context <name>', 'registry to use, as `context list` names it');
}

/** Runs the work of a command. Modules of the command are imported only then, so that --help does not wait. */
export async function loadAndRun(
  options: object,
  load: () => Promise<(session: Session) => Promise<void>>,
): Promise<void> {
  const [{ runCommand }, work] = await Promise.all([import('../session/run-command.ts'), load()]);
  await runCommand(options, work);
}

/** Parses a whole number from 1 on. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 1 on is needed.');
}

/** Parses a length of time, such as `30s`, `10m` or `1h`. @returns milliseconds */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m|h)?$/.exec(text) ?? [];
  const units = { s: 1000, m: 60_000, h: 3_600_000 };
  const ms = Number(number) * (unit === 'm' || unit === 'h' ? units[unit] : units.s);
  // Timers of Node take no longer time.
  if (ms > 0 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError('A time such as 30s, 10m or 1h is needed, of 24 days at the most.');
}

/** Parses the number of requests at a time. */
export function parseParallel(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 32) return Number(text);
  throw new InvalidArgumentError('A number from 1 to 32 is needed.');
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
