import { startEmbeddedPostgres } from '../../core/db/embedded.ts';

// Program for tests that kill it: runs the embedded PostgreSQL on a folder, prints its state, stops on a signal.
const [dataDir = ''] = process.argv.slice(2);
const write = (line: string) => process.stdout.write(`${line}\n`);

try {
  const postgres = await startEmbeddedPostgres({ dataDir, log: { info: () => undefined, error: write } });
  const keepRunning = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      clearInterval(keepRunning);
      void postgres.stop().then(() => write('stopped'));
    });
  }
  write(`ready ${postgres.url}`);
} catch (error) {
  write(`failed ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
