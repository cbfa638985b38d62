import { type Signal, signal } from '@preact/signals';
import type { RequestProblem } from '../../api/problem.ts';
import { sendArchive, type UploadedVersion } from './send-archive.ts';

/** Archives that are sent at the same time. */
const maxRunning = 4;

/** File of an upload: waiting, on its way, there, or refused. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed';
  /** Bytes that were sent. */
  sent: number;
  result?: UploadedVersion;
  problem?: RequestProblem;
}

/** Files that are uploaded, in the order in which they were added. */
export interface Uploads {
  rows: Signal<readonly Upload[]>;
  add: (space: string, files: readonly File[]) => void;
  /** Sends a failed file again. */
  retry: (id: number) => void;
  /** Sends all that failed again. */
  retryAll: () => void;
}

/**
 * Creates the list of uploads of a page.
 * @param onDone is called when nothing is on its way any more
 */
export function createUploads(onDone: () => void): Uploads {
  const rows = signal<readonly Upload[]>([]);
  const files = new Map<number, { space: string; file: File }>();
  const waiting: number[] = [];
  let running = 0;
  let lastId = 0;

  const change = (id: number, changes: Partial<Upload>) => {
    rows.value = rows.value.map((row) => (row.id === id ? { ...row, ...changes } : row));
  };

  function startNext(): void {
    while (running < maxRunning) {
      const id = waiting.shift();
      if (id === undefined) break;
      running += 1;
      void sendOne(id).finally(() => {
        running -= 1;
        startNext();
        if (running === 0) onDone();
      });
    }
  }

  async function sendOne(id: number): Promise<void> {
    const entry = files.get(id);
    if (!entry) return;
    change(id, { state: 'sending', sent: 0 });
    const onSent = (sent: number) =>
      change(id, { sent, state: sent >= entry.file.size ? 'reading' : 'sending' });
    const outcome = await sendArchive(entry.space, entry.file, onSent);
    if ('problem' in outcome) change(id, { state: 'failed', problem: outcome.problem });
    else {
      files.delete(id);
      change(id, { state: 'done', result: outcome.result });
    }
  }

  const queue = (ids: readonly number[]) => {
    for (const id of ids) change(id, { state: 'waiting', sent: 0 });
    waiting.push(...ids);
    startNext();
  };

  return {
    rows,
    add(space, added) {
      const fresh = added.map((file): Upload => {
        lastId += 1;
        files.set(lastId, { space, file });
        return { id: lastId, name: file.name, size: file.size, state: 'waiting', sent: 0 };
      });
      rows.value = [...rows.value, ...fresh];
      queue(fresh.map(({ id }) => id));
    },
    retry: (id) => queue([id]),
    retryAll: () => queue(rows.value.filter(({ state }) => state === 'failed').map(({ id }) => id)),
  };
}
