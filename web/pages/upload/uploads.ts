import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { RequestProblem } from '../../api/problem.ts';
import type { sendArchive, UploadedVersion } from './send-archive.ts';

/** Archives that are sent at the same time. */
const maxRunning = 4;

/** File of an upload: waiting, on its way, there, or refused. */
export interface Upload {
  id: number;
  /** Space that it is sent to. */
  space: string;
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
  rows: ReadonlySignal<readonly Upload[]>;
  /** Whether files wait or are on their way. */
  isBusy: ReadonlySignal<boolean>;
  /** Number of times that nothing was on its way any more. */
  ends: ReadonlySignal<number>;
  add: (space: string, files: readonly File[]) => void;
  /** Sends failed files again. */
  retry: (ids: readonly number[]) => void;
  /** Takes files off the list that are there or refused. */
  remove: (ids: readonly number[]) => void;
}

/**
 * Creates a list of uploads. A log-in that ends on the way stops all that wait: each would be sent in vain.
 * @param send uploads one archive
 */
export function createUploads(send: typeof sendArchive): Uploads {
  const rows = signal<readonly Upload[]>([]);
  const ends = signal(0);
  const isBusy = computed(() => rows.value.some(({ state }) => state !== 'done' && state !== 'failed'));
  const files = new Map<number, File>();
  let waiting: number[] = [];
  let running = 0;
  let lastId = 0;

  const change = (ids: readonly number[], changes: Partial<Upload>) => {
    const changed = new Set(ids);
    rows.value = rows.value.map((row) => (changed.has(row.id) ? { ...row, ...changes } : row));
  };
  const fail = (ids: readonly number[], problem: RequestProblem) => change(ids, { state: 'failed', problem });

  function startNext(): void {
    while (running < maxRunning) {
      const id = waiting.shift();
      if (id === undefined) break;
      running += 1;
      void sendOne(id).finally(() => {
        running -= 1;
        startNext();
        if (running === 0) ends.value += 1;
      });
    }
  }

  async function sendOne(id: number): Promise<void> {
    const file = files.get(id);
    const row = rows.peek().find((other) => other.id === id);
    if (!file || !row) return;
    change([id], { state: 'sending', sent: 0 });
    const onSent = (sent: number) => change([id], { sent, state: sent >= file.size ? 'reading' : 'sending' });
    const outcome = await send(row.space, file, onSent);
    if ('result' in outcome) {
      files.delete(id);
      change([id], { state: 'done', result: outcome.result });
      return;
    }
    const { problem } = outcome;
    const stopped = problem.status === 401 ? waiting.splice(0) : [];
    fail([id, ...stopped], problem);
  }

  const queue = (ids: readonly number[]) => {
    change(ids, { state: 'waiting', sent: 0 });
    waiting.push(...ids);
    startNext();
  };

  return {
    rows,
    isBusy,
    ends,
    add(space, added) {
      const fresh = added.map((file): Upload => {
        lastId += 1;
        files.set(lastId, file);
        return { id: lastId, space, name: file.name, size: file.size, state: 'waiting', sent: 0 };
      });
      rows.value = [...rows.value, ...fresh];
      queue(fresh.map(({ id }) => id));
    },
    retry: queue,
    remove(ids) {
      const removed = new Set(ids);
      for (const id of removed) files.delete(id);
      waiting = waiting.filter((id) => !removed.has(id));
      rows.value = rows.value.filter(({ id }) => !removed.has(id));
    },
  };
}
