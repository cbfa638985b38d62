import { readFile } from 'node:fs/promises';

/** The most resident memory that a process has ever had, in MiB (Linux only: proc_pid_status(5)). */
export async function readPeakMemory(pid: number | 'self'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
