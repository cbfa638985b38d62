import { accessMode } from '../core/config/access-mode.ts';
import { loadConfig } from '../core/config/load.ts';
import { createLog } from '../core/runtime/log.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { startServe } from './commands.ts';
import { composeExample } from './demo/compose-example.ts';
import { showResult } from './demo/show-result.ts';
import { uploadExamples } from './demo/upload-examples.ts';
import { runUntilSignal } from './signals.ts';

// `npm run demo`: starts the embedded registry in a folder of its own, uploads the example charts, and composes a
// chart.

const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  const config = await loadConfig({ DATA_DIR: './data/demo', ...process.env });
  if (accessMode(config) !== 'open')
    throw new StartError('the demo sends no credentials: start it without ACCESS, or with ACCESS=open');
  await runUntilSignal(createLog('warn', 2), config.shutdownTimeout, async (log) => {
    print('Starting the registry (PostgreSQL, queue and worker in this process) ...');
    const running = await startServe(config, log);
    try {
      print(`Serving on ${running.url}\n`);
      await uploadExamples(running.url, print);
      await composeExample(running.url, print);
      await showResult(running.url, print);
      print(`\nSee it in a browser: ${running.url}/-/`);
      print(`The interface is described at ${running.url}/docs. Serving until Ctrl-C.`);
    } catch (error) {
      await running.close();
      throw error;
    }
    return running;
  });
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`helm-registry demo: ${error.message}\n`);
  process.exitCode = 1;
}
