import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { RequestProblem } from '../../api/problem.ts';
import type { sendArchive, UploadedVersion } from './send-archive.ts';

/** Archives that are sent at the same time. */
const maxRunning = 4;

/** File of an upload: waiting, on its way, there, refused, or stopped before it was sent. */
export interface Upload {
  id: number;
  /** Space that it is sent to. */
  space: string;
  name: string;
  size: number;
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed' | 'stopped';
  /** Bytes that were sent. */
  sent: number;
  result?: UploadedVersion;
  /** Reason of the refusal. */
  problem?: RequestProblem;
}

/** Files that are uploaded, in the order in which they were added. */
export interface Uploads {
  rows: ReadonlySignal<readonly Upload[]>;
  /** Whether files are listed that are not uploaded, whatever the reason. */
  holdsFiles: ReadonlySignal<boolean>;
  /** Rows of the last batch that ended. A batch lasts as long as anything is on its way; none has ended at first. */
  ended: ReadonlySignal<readonly Upload[]>;
  add: (space: string, files: readonly File[]) => void;
  /** Sends failed and stopped files again. */
  retry: (ids: readonly number[]) => void;
  /** Takes files off the list that are there, refused or stopped. */
  remove: (ids: readonly number[]) => void;
}

/**
 * Creates a list of uploads. A log-in that ends on the way stops all that wait: each would be sent in vain.
 * @param send uploads one archive
 */
export function createUploads(send: typeof sendArchive): Uploads {
  const rows = signal<readonly Upload[]>([]);
  const ended = signal<readonly Upload[]>([]);
  const holdsFiles = computed(() => rows.value.some(({ state }) => state !== 'done'));
  const files = new Map<number, File>();
  const batch = new Set<number>();
  let waiting: { id: number; turn: number }[] = [];
  let running = 0;
  let lastId = 0;
  // Number of the last `add` or `retry`.
  let lastTurn = 0;

  const change = (ids: readonly number[], changes: Partial<Upload>) => {
    const changed = new Set(ids);
    rows.value = rows.value.map((row) => (changed.has(row.id) ? { ...row, ...changes } : row));
  };

  function startNext(): void {
    while (running < maxRunning) {
      const next = waiting.shift();
      if (next === undefined) break;
      running += 1;
      void sendOne(next.id).finally(() => {
        running -= 1;
        startNext();
        if (running > 0) return;
        ended.value = rows.peek().filter(({ id }) => batch.has(id));
        batch.clear();
      });
    }
  }

  async function sendOne(id: number): Promise<void> {
    const file = files.get(id);
    const row = rows.peek().find((other) => other.id === id);
    if (!file || !row) return;
    const turn = lastTurn;
    change([id], { state: 'sending', sent: 0 });
    const onSent = (sent: number) => change([id], { sent, state: sent >= file.size ? 'reading' : 'sending' });
    const outcome = await send(row.space, file, onSent);
    if ('result' in outcome) {
      files.delete(id);
      change([id], { state: 'done', result: outcome.result });
      return;
    }
    const { problem } = outcome;
    change([id], { state: 'failed', problem });
    if (problem.status !== 401) return;
    // Keep files that were queued later: they may be of a new log-in, of which this answer says nothing.
    const stopped = waiting.filter((other) => other.turn <= turn);
    waiting = waiting.filter((other) => other.turn > turn);
    change(
      stopped.map((other) => other.id),
      { state: 'stopped' },
    );
  }

  const queue = (ids: readonly number[]) => {
    lastTurn += 1;
    change(ids, { state: 'waiting', sent: 0 });
    for (const id of ids) {
      batch.add(id);
      waiting.push({ id, turn: lastTurn });
    }
    startNext();
  };

  return {
    rows,
    holdsFiles,
    ended,
    add(space, added) {
      const fresh = added.map((file): Upload => {
        lastId += 1;
        files.set(lastId, file);
        return { id: lastId, space, name: file.name, size: file.size, state: 'waiting', sent: 0 };
      });
      rows.value = [...rows.value, ...fresh];
      queue(fresh.map(({ id }) => id));
    },
    retry(ids) {
      const wanted = new Set(ids);
      // Two presses may come before the row is drawn anew.
      const over = rows.peek().filter(({ id, state }) => wanted.has(id) && isUnsent(state));
      queue(over.map(({ id }) => id));
    },
    remove(ids) {
      const removed = new Set(ids);
      for (const id of removed) files.delete(id);
      waiting = waiting.filter(({ id }) => !removed.has(id));
      rows.value = rows.value.filter(({ id }) => !removed.has(id));
    },
  };
}

/** Tells whether a file waits for another try of the reader. */
export function isUnsent(state: Upload['state']): boolean {
  return state === 'failed' || state === 'stopped';
}
