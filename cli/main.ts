#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { programVersion } from '../core/runtime/package-info.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { addAccessCommands } from './access/add-commands.ts';
import { addUserCommands } from './user/add-commands.ts';
import { runProgram } from './user/run-program.ts';

const program = new Command('helm-registry')
  .description('A Helm chart registry that stores charts as space / chart / version and composes new ones.')
  .version(programVersion)
  .addHelpText(
    'after',
    '\nSettings come from the file, and from environment variables over it; docs/configuration.md lists them.\nWithout any, `serve` keeps everything in ./data and listens on 127.0.0.1:8099.',
  )
  .showHelpAfterError()
  .commandsGroup('Commands for its operator:')
  .exitOverride();

// Commands are imported when they run, so that --help does not wait for the drivers.
const commands = {
  serve: 'serve the interface and run jobs, in one process',
  api: 'serve the interface only (needs DATABASE_URL)',
  worker: 'run jobs only (needs DATABASE_URL)',
  migrate: 'migrate the database, make the bucket if S3 is used, and end',
} as const;

for (const name of ['serve', 'api', 'worker', 'migrate'] as const) {
  program
    .command(name)
    .description(commands[name])
    .option('-c, --config <file>', 'YAML file with settings')
    .action(async (options: { config?: string }) => {
      const { commandRunners } = await import('./commands.ts');
      await commandRunners[name](options.config);
    });
}

program
  .command('gc')
  .description('delete the blobs that nothing references, now, and end')
  .option('-c, --config <file>', 'YAML file with settings')
  .option(
    '--grace <seconds>',
    'how long they must have been without a reference (default: GC_GRACE, and RESTORE_FOR for deleted versions)',
    parseSeconds,
  )
  .option('--dry-run', 'list the deletions, and change nothing')
  .addHelpText(
    'after',
    '\nWorkers do this by themselves every GC_INTERVAL seconds. Needs the database and the blobs, not the queue.\nExits 1 when another collection is running, or a blob could not be deleted.',
  )
  .action(async (options: { config?: string; grace?: number; dryRun?: boolean }) => {
    const { runGc } = await import('./maintenance.ts');
    await runGc(options);
  });

program
  .command('verify')
  .description('read every blob, compare it with the database, and end')
  .option('-c, --config <file>', 'YAML file with settings')
  .option(
    '--repair <from>',
    'folder or http(s) address of good copies, for blobs that are damaged or missing',
  )
  .addHelpText(
    'after',
    '\nFinds versions without bytes, damaged bytes, and blobs without a reference; prints a line for each and a summary.\nExits 1 when faults remain, 2 when a blob could not be read or a copy not be looked for or stored for a reason that may\npass. May run while the registry runs, except on an embedded database in use. A folder may have copies of any names, at\nany depth. An address may be that of another registry of this kind, of a chart repository, or of a file server. Every\ncopy is checked before it replaces anything.',
  )
  .action(async (options: { config?: string; repair?: string }) => {
    const { runVerify } = await import('./maintenance.ts');
    await runVerify(options);
  });

program
  .command('hold')
  .description('stop all jobs, webhooks and garbage collections, for a restored copy; reads and writes go on')
  .option('-c, --config <file>', 'YAML file with settings')
  .option('--reason <text>', 'text for the log of the workers', 'a restored copy')
  .option('--wait <seconds>', 'longest wait for what workers had begun before', parseSeconds, 120)
  .addHelpText(
    'after',
    '\nBrings the database up to date first, as `migrate` does: run it on a restored database before anything else. The hold is\nin the database, and counts for every process. `helm-registry resume` ends it.\nEnds once nothing goes on that had begun before; exits 2 when workers are busy still after the wait.',
  )
  .action(async (options: { config?: string; reason: string; wait: number }) => {
    const { runHold } = await import('./hold.ts');
    await runHold(options);
  });

program
  .command('resume')
  .description('end the hold: workers do all that has waited')
  .option('-c, --config <file>', 'YAML file with settings')
  .option('--dry-run', 'say what has waited, and change nothing')
  .action(async (options: { config?: string; dryRun?: boolean }) => {
    const { runResume } = await import('./hold.ts');
    await runResume(options);
  });

addAccessCommands(program);
addUserCommands(program);

try {
  await runProgram(program);
} catch (error) {
  if (error instanceof StartError) {
    process.stderr.write(`helm-registry: ${error.message}\n`);
    // Exit instead of waiting: a server that refused a connection may keep it open, and that would keep this process.
    process.exit(error.exitCode);
  } else if (error instanceof Error && 'code' in error) {
    // An error with a code comes from the system or a server; any other is a fault of the program.
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
