import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { headersOf, type Load, type LoadOptions, load } from './http-load.ts';

const run = promisify(execFile);

/** Program that applies a load: wrk, which takes less of the machine than Node, or this program without wrk. */
export interface LoadProgram {
  name: string;
  load(url: string, paths: readonly string[], options: LoadOptions): Promise<Load>;
}

/** Finds wrk on the PATH. */
export async function findLoadProgram(): Promise<LoadProgram> {
  // No option of wrk does nothing and exits with 0.
  const isInstalled = await run('wrk', ['-v']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return isInstalled
    ? { name: 'wrk, one thread', load: loadByWrk }
    : { name: 'this program, for want of wrk', load };
}

async function loadByWrk(url: string, paths: readonly string[], options: LoadOptions): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-wrk-'));
  try {
    const script = join(folder, 'load.lua');
    await writeFile(script, writeScript(paths, options));
    const { stdout } = await run('wrk', [
      '-t1',
      `-c${options.connections}`,
      `-d${options.seconds}s`,
      '-s',
      script,
      url,
    ]);
    return readResult(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function writeScript(paths: readonly string[], options: LoadOptions): string {
  const headers = headersOf(options).map(([name, value]) => `['${name}'] = '${value}'`);
  return `
    local paths = { ${paths.map((path) => JSON.stringify(path)).join(', ')} }
    local next = 0
    request = function()
      next = next % #paths + 1
      return wrk.format('GET', paths[next], { ${headers.join(', ')} })
    end
    done = function(summary, latency)
      io.write(string.format('{"requests":%d,"micros":%d,"p50":%.0f,"p99":%.0f,"failed":%d}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout))
    end`;
}

const result = z.object({
  requests: z.number(),
  micros: z.number(),
  p50: z.number(),
  p99: z.number(),
  failed: z.number(),
});

function readResult(output: string): Load {
  const { requests, micros, p50, p99, failed } = result.parse(
    JSON.parse(output.slice(output.lastIndexOf('{'))),
  );
  return { perSecond: requests / (micros / 1e6), p50: p50 / 1000, p99: p99 / 1000, failed };
}
