#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { StartError } from '../core/start-error.ts';
import { version } from '../core/version.ts';
import { runApi, runMigrate, runServe, runWorker } from './commands.ts';

const program = new Command('helm-registry')
  .description('A Helm chart registry that stores charts as space / chart / version and composes new ones.')
  .version(version)
  .addHelpText(
    'after',
    '\nSettings come from the file, and from environment variables over it; README.md lists them.\nWithout any, `serve` keeps everything in ./data and listens on 127.0.0.1:8099.',
  )
  .showHelpAfterError();

const commands = {
  serve: { run: runServe, does: 'serve the interface and work off the queue, in one process' },
  api: { run: runApi, does: 'serve the interface only (needs DATABASE_URL)' },
  worker: { run: runWorker, does: 'work off the queue only (needs DATABASE_URL)' },
  migrate: { run: runMigrate, does: 'bring the database up to date, and end' },
};

for (const [name, { run, does }] of Object.entries(commands)) {
  program
    .command(name)
    .description(does)
    .option('-c, --config <file>', 'YAML file with settings')
    .action(async (options: { config?: string }) => run(options.config));
}

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
  } else if (error instanceof StartError) {
    process.stderr.write(`helm-registry: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
