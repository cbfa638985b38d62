import type { Argument, Command, Option } from 'commander';

/** Kind of names that a word is completed with. The names come from the contexts or the registry. */
export type NameKind = 'context' | 'space' | 'address';

/** Words that may stand at the end of a command line: known ones, and a kind of names. */
export interface Completion {
  words: string[];
  names?: NameKind;
}

/**
 * Completes the last word of a command line, from the tree of commands.
 * @param words words after the name of the program; the last one is to be completed and may be empty
 */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const { command, operands, option } = readWords(program, words.slice(0, -1));
  if (option) return completeOption(option);
  if (current.startsWith('-')) return { words: optionsOf(command) };
  const names = visibleCommands(command).map((child) => child.name());
  if (names.length > 0) return { words: names };
  const argument = argumentAt(command, operands);
  return { words: [...(argument?.argChoices ?? [])], ...nameKindOfArgument(argument?.name(), command) };
}

/** Reads the words before the last one: the command they lead to, its operands, and an option that wants a value. */
function readWords(program: Command, words: readonly string[]) {
  let command = program;
  let operands = 0;
  let option: Option | undefined;
  for (const word of words) {
    if (option) {
      option = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const found = command.options.find(({ long, short }) => word === long || word === short);
      option = found?.required || found?.optional ? found : undefined;
    } else {
      const child =
        operands === 0 ? visibleCommands(command).find((each) => each.name() === word) : undefined;
      if (child) command = child;
      else operands += 1;
    }
  }
  return { command, operands, option };
}

function completeOption({ argChoices, long }: Option): Completion {
  if (argChoices) return { words: [...argChoices] };
  if (long === '--context') return { words: [], names: 'context' };
  return long === '--space' ? { words: [], names: 'space' } : { words: [] };
}

function optionsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : [])), '--help'];
}

function visibleCommands(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

/** Names of arguments that take a chart or space. */
const addressArguments: ReadonlySet<string> = new Set(['chart', 'address', 'from']);

/** Chooses the kind of names by the name of an argument. */
function nameKindOfArgument(name: string | undefined, command: Command): { names?: NameKind } {
  if (name === 'name' && (command.parent?.name() === 'context' || command.name() === 'logout'))
    return { names: 'context' };
  if (name === 'space') return { names: 'space' };
  return name !== undefined && addressArguments.has(name) ? { names: 'address' } : {};
}
