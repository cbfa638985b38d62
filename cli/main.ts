#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { version } from '../core/runtime/package-info.ts';
import { StartError } from '../core/runtime/startup-error.ts';

const program = new Command('helm-registry')
  .description('A Helm chart registry that stores charts as space / chart / version and composes new ones.')
  .version(version)
  .addHelpText(
    'after',
    '\nSettings come from the file, and from environment variables over it; docs/configuration.md lists them.\nWithout any, `serve` keeps everything in ./data and listens on 127.0.0.1:8099.',
  )
  .showHelpAfterError();

// Loaded when one is run, so that --help does not wait for drivers.
const commands = {
  serve: 'serve the interface and work off the queue, in one process',
  api: 'serve the interface only (needs DATABASE_URL)',
  worker: 'work off the queue only (needs DATABASE_URL)',
  migrate: 'bring the database up to date, make the bucket if there is to be one, and end',
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

program
  .command('gc')
  .description('remove the archives that nothing names any more, now, and end')
  .option('-c, --config <file>', 'YAML file with settings')
  .option(
    '--grace <seconds>',
    'how long they must have been without a name (default: GC_GRACE)',
    parseSeconds,
  )
  .option('--dry-run', 'say what would be removed, and change nothing')
  .addHelpText(
    'after',
    '\nWorkers do this by themselves every GC_INTERVAL seconds. Needs the database and the archives, not the queue.\nExits 1 when another collection is running, or an archive could not be removed.',
  )
  .action(async (options: { config?: string; grace?: number; dryRun?: boolean }) => {
    const { runGc } = await import('./maintenance.ts');
    await runGc(options);
  });

program
  .command('verify')
  .description('read every archive, compare it with what the database says of it, and end')
  .option('-c, --config <file>', 'YAML file with settings')
  .option(
    '--repair <from>',
    'folder, or http(s) address, to take good copies from of what is damaged or missing',
  )
  .addHelpText(
    'after',
    '\nFinds versions without bytes, bytes that are not what they should be, and bytes that nothing names; prints a line for each\nand a summary. Exits 1 when anything is wrong, and stays so. May run beside everything else, except on an embedded database in use.\nA folder may have copies of any names, at any depth. An address may be that of another registry of this kind, of a chart\nrepository, or of a file server. Every copy is checked before it replaces anything.',
  )
  .action(async (options: { config?: string; repair?: string }) => {
    const { runVerify } = await import('./maintenance.ts');
    await runVerify(options);
  });

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
  } else if (error instanceof StartError) {
    process.stderr.write(`helm-registry: ${error.message}\n`);
    // A server that refused a connection may keep it open, which would keep this process.
    process.exit(1);
  } else if (error instanceof Error && 'code' in error) {
    // The system, or a server, refused something; only what has no code is a fault of the program.
    process.stderr.write(`helm-registry: cannot go on: ${error.message} (${String(error.code)})\n`);
    process.exit(1);
  } else {
    throw error;
  }
}

function parseSeconds(text: string): number {
  if (/^\d{1,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number of seconds is needed.');
}
