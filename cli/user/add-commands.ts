import type { Command } from 'commander';
import { addChartCommands } from './define/chart-commands.ts';
import { addCompletionCommands } from './define/completion-commands.ts';
import { addDeletionCommands } from './define/deletion-commands.ts';
import { addImportCommand } from './define/import-command.ts';
import { addJobCommands } from './define/job-commands.ts';
import { addMirrorCommands } from './define/mirror-commands.ts';
import { addReadCommands } from './define/read-commands.ts';
import { addRecipeCommands } from './define/recipe-commands.ts';
import { addSessionCommands } from './define/session-commands.ts';

/** Adds the commands of users: those that speak to a registry by its interface. */
export function addUserCommands(program: Command): void {
  program.commandsGroup('Commands for users of a registry:');
  addSessionCommands(program);
  addChartCommands(program);
  addReadCommands(program);
  addDeletionCommands(program);
  addRecipeCommands(program);
  addJobCommands(program);
  addMirrorCommands(program);
  addImportCommand(program);
  addCompletionCommands(program);
}
