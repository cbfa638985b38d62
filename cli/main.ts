#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../core/program-version.ts';
import { StartError } from '../core/start-error.ts';

const program = new Command('helm-registry')
  .description('A Helm chart registry that stores charts as space / chart / version and composes new ones.')
  .version(version)
  .addHelpText(
    'after',
    '\nSettings come from the file, and from environment variables over it; README.md lists them.\nWithout any, `serve` keeps everything in ./data and listens on 127.0.0.1:8099.',
  )
  .showHelpAfterError();

// Loaded when one is run, so that --help does not wait for drivers.
const commands = {
  serve: 'serve the interface and work off the queue, in one process',
  api: 'serve the interface only (needs DATABASE_URL)',
  worker: 'work off the queue only (needs DATABASE_URL)',
  migrate: 'bring the database up to date, and end',
} as const;

for (const name of ['serve', 'api', 'worker', 'migrate'] as const) {
  program
    .command(name)
    .description(commands[name])
    .option('-c, --config <file>', 'YAML file with settings')
    .action(async (options: { config?: string }) => {
      const { runCommand } = await import('./commands.ts');
      await runCommand[name](options.config);
    });
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
