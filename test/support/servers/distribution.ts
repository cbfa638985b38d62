import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { createServerProgram, isAvailable, type ServerProgram } from './program.ts';

/** Registry of the distribution project, with an empty folder of its own. */
export interface TestDistribution extends ServerProgram {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Ends the registry and removes its data. */
  dispose(): Promise<void>;
}

/** Tells whether distribution can be started; with `CI=true` always, so that tests fail where it is missing. */
export const hasDistribution = () => isAvailable('distribution', ['--version']);

/**
 * Starts distribution on a port of loopback. Settings are those of its example but for logs, which cost it time.
 * @param maxListed largest page of its catalogue
 */
export async function startDistribution({ maxListed = 1_000 } = {}): Promise<TestDistribution> {
  const folder = await mkdtemp(join(tmpdir(), 'distribution-'));
  const port = await findFreePort();
  const config = join(folder, 'config.yml');
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        cache: { blobdescriptor: 'inmemory' },
        filesystem: { rootdirectory: join(folder, 'data') },
        tag: { concurrencylimit: 8 },
      },
      catalog: { maxentries: maxListed },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const server = createServerProgram({
    command: 'distribution',
    args: ['serve', config],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    port,
    // A warning, since the line that tells readiness is none.
    ready: /No HTTP secret provided/,
  });
  await server.start();
  return {
    ...server,
    url: `http://127.0.0.1:${port}`,
    async dispose() {
      await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
