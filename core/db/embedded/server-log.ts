import { open, rename, stat } from 'node:fs/promises';

/** Log file of PostgreSQL's programs. */
export interface ServerLog {
  open(): Promise<OpenLog>;
}

/** Open log file. */
export interface OpenLog {
  fd: number;
  /** Returns the last 2,000 bytes written since the log was opened, for an error message. */
  tail(): Promise<string>;
  close(): Promise<void>;
}

const maxBytes = 10 * 1024 * 1024;

/** Creates a log that appends to a file. Over 10 MiB, the file is renamed to `.1` at the next start. */
export function createServerLog(path: string): ServerLog {
  return {
    async open() {
      if ((await sizeOf(path)) > maxBytes) await rename(path, `${path}.1`);
      const handle = await open(path, 'a+', 0o600);
      const start = (await handle.stat()).size;
      return {
        fd: handle.fd,
        async tail() {
          const end = (await handle.stat()).size;
          const from = Math.max(start, end - 2000);
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from);
          return buffer.subarray(0, bytesRead).toString('utf8').trim();
        },
        close: () => handle.close(),
      };
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );
}
