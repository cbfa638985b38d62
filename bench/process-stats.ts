import { readdir, readFile } from 'node:fs/promises';

/** Seconds of processor time by kind of process. */
export type ProcessorTime = Map<string, number>;

/** Clock ticks a second (`getconf CLK_TCK`), the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface ProcessStat {
  pid: number;
  parent: number;
  seconds: number;
}

/**
 * Reads the processor time of this process and its descendants from `/proc`. Time of ended children is included
 * (proc_pid_stat(5)).
 * @param kindOf names the kind of a direct child by its command line; its descendants are of the same kind
 */
export async function readProcessorTime(kindOf: (command: string) => string): Promise<ProcessorTime> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = (await Promise.all(pids.map(readStat))).filter((stat) => stat !== undefined);
  const used: ProcessorTime = new Map();
  const add = (kind: string, seconds: number) => used.set(kind, (used.get(kind) ?? 0) + seconds);
  const { user, system } = process.cpuUsage();
  add('this program', (user + system) / 1e6);
  const visit = (stat: ProcessStat, kind: string): void => {
    add(kind, stat.seconds);
    for (const below of stats.filter(({ parent }) => parent === stat.pid)) visit(below, kind);
  };
  for (const child of stats.filter(({ parent }) => parent === process.pid)) {
    const command = await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '');
    visit(child, kindOf(command.replaceAll('\0', ' ')));
  }
  return used;
}

/**
 * Reads the seconds for which all cores together were busy and idle. Seconds count since the machine started, for any
 * process.
 */
export async function readCores(): Promise<{ busy: number; all: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, ...interrupts] = line
    .split(/\s+/)
    .slice(1, 9)
    .map((ticks) => Number(ticks) / ticksPerSecond);
  const busy = user + nice + system + interrupts.reduce((sum, seconds) => sum + seconds, 0);
  return { busy, all: busy + idle + wait };
}

// A process may end while its file is read.
async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may contain anything; the state follows, then the parent.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), seconds: ticks / ticksPerSecond };
}

/** Reads the peak resident memory of a process in MiB (Linux only: proc_pid_status(5)). */
export async function readPeakMemory(pid: number | 'self'): Promise<number> {
  return readMebibytes(pid, 'VmHWM');
}

/** Reads the present resident memory of a process in MiB. */
export async function readPresentMemory(pid: number | 'self'): Promise<number> {
  return readMebibytes(pid, 'VmRSS');
}

async function readMebibytes(pid: number | 'self', field: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}
