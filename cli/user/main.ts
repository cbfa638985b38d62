#!/usr/bin/env node
import { Command } from 'commander';
import { addUserCommands } from './add-commands.ts';
import { runProgram } from './run-program.ts';

// Program of the package that has the user commands alone; the bundler sets the version.

const program = new Command('helm-registry')
  .description('Pushes charts to a Helm registry, pulls and composes them.')
  .version(process.env.HELM_REGISTRY_VERSION ?? '')
  .showHelpAfterError('Add --help for how to use it.')
  .exitOverride();
addUserCommands(program);
await runProgram(program);
