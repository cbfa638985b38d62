import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../support/cluster.ts';
import { cliOutput } from '../support/process.ts';
import type { Check } from './check.ts';

/** Runs `verify`, which compares every stored archive with its row. */
export async function checkVerify(environment: Record<string, string>): Promise<Check> {
  const { code, stdout, stderr } = await cliOutput(['verify'], { ...environment, LOG_LEVEL: 'warn' });
  const output = `${stdout}${stderr}`.trim();
  return {
    rule: '`helm-registry verify` finds nothing wrong',
    looked: output.split('\n').at(-1) ?? '',
    faults: code === 0 ? [] : [`it ended with ${code}: ${output}`],
  };
}

/** Closes the cluster, and checks how its processes have ended, then and before. */
export async function checkEnds({ apis, workers, close }: Cluster): Promise<Check[]> {
  const members = [...apis, ...workers];
  // Earlier ends are allowed by a fault, or at a start while a part is away.
  const early = members.flatMap(({ name, ends }) => ends.map((end) => ({ name, end })));
  const last = await close();
  const text = ({ name, end }: (typeof early)[number]) => `${name} ended with ${end.code ?? end.signal}`;
  return [
    {
      rule: 'no process has ended by itself once it was there',
      looked: `${early.length} ends, ${early.filter(({ end }) => end.signal === 'SIGKILL').length} by kill -9`,
      faults: early.filter(({ end }) => end.wasReady && end.signal !== 'SIGKILL').map(text),
    },
    {
      rule: 'every process ends with 0 when it is asked to',
      looked: `${last.length} processes`,
      faults: last.filter(({ end }) => end.code !== 0).map(text),
    },
  ];
}

/** Searches the logs of the processes for lines that no fault excuses. */
export async function checkLogs(folder: string): Promise<Check> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  const faults: string[] = [];
  let lines = 0;
  let errors = 0;
  for (const file of files) {
    for (const line of (await readFile(join(folder, file), 'utf8')).split('\n')) {
      lines += 1;
      if (line.includes('"level":50')) errors += 1;
      if (/"level":60|\bfatal\b|unhandled|uncaught|MaxListenersExceeded/i.test(line)) {
        faults.push(`${file}: ${line.slice(0, 400)}`);
      }
    }
  }
  return {
    rule: 'no log tells of an exception that nobody has handled, or of a fatal error',
    looked: `${lines} lines of ${files.length} processes, ${errors} of them errors`,
    faults,
  };
}
