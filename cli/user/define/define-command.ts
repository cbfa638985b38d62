import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Session } from '../session/session.ts';

/** Description of a command for its help. */
export interface Definition {
  description: string;
  /** Sentences after the options. */
  more?: string;
  /** Lines for a shell; tests run each of them. */
  examples: readonly string[];
}

/** Adds a command with the options that all user commands have. */
export function defineCommand(
  parent: Command,
  usage: string,
  { description, more, examples }: Definition,
): Command {
  const paragraphs = [...(more === undefined ? [] : [more]), `Examples:\n${indent(examples)}`];
  return parent
    .command(usage)
    .description(description)
    .addOption(
      new Option('-o, --output <format>', 'format of the result')
        .choices(['table', 'json', 'yaml', 'name'])
        .default('table'),
    )
    .option('--context <name>', 'registry to use, as `context list` names it')
    .addHelpText('after', `\n${paragraphs.join('\n\n')}`)
    .showHelpAfterError('Add --help for how to use it.');
}

/** Runs the work of a command; what it needs is imported then, so that --help does not wait. */
export async function run(
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

/** Parses the number of requests at a time. */
export function parseParallel(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 32) return Number(text);
  throw new InvalidArgumentError('A number from 1 to 32 is needed.');
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
