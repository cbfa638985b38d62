import type { ChartLimits } from '../core/chart/limits.ts';
import { RegistryError } from '../core/errors.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import type { PrepareAnswer, PrepareRequest } from './prepare-thread.ts';
import { readSource } from './read-source.ts';
import { unpackSource } from './source-message.ts';
import { startThread, type Thread } from './thread.ts';

/** Makes sources of archives, large ones in threads: it takes tens of milliseconds, which others would wait for. */
export interface Preparer {
  /** @throws RegistryError as `readChart` does; Error when a thread failed or was closed, which is this archive's matter alone */
  prepare(archive: Buffer): Promise<Source>;
  close(): Promise<void>;
}

export interface PreparerOptions {
  threads: number;
  /** Archives of fewer bytes are read in place: a thread would take longer. */
  inPlace: number;
  /** Milliseconds that one archive may take. */
  patience: number;
}

export const preparerDefaults: PreparerOptions = { threads: 1, inPlace: 8 * 1024, patience: 60_000 };

type PrepareThread = Thread<PrepareRequest, PrepareAnswer>;

export function createPreparer(limits: ChartLimits, options = preparerDefaults): Preparer {
  const idle: PrepareThread[] = [];
  const waiting: (() => void)[] = [];
  const threads = new Set<PrepareThread>();
  let busy = 0;
  let closed = false;

  function start(): PrepareThread {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const url = new URL(`./prepare-thread.${extension}`, import.meta.url);
    const thread: PrepareThread = startThread(url, options.patience);
    threads.add(thread);
    return thread;
  }

  /** Waits for its turn, and gives the turn on. */
  async function inTurn<T>(action: () => Promise<T>): Promise<T> {
    if (busy === options.threads) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  }

  async function ask(archive: Buffer): Promise<PrepareAnswer> {
    if (closed) throw new Error('the worker is closing');
    const thread = idle.pop() ?? start();
    const bytes = Uint8Array.from(archive);
    try {
      const answer = await thread.ask({ archive: bytes, limits }, [bytes.buffer]);
      idle.push(thread);
      return answer;
    } catch (error) {
      threads.delete(thread);
      throw error;
    }
  }

  return {
    async prepare(archive) {
      if (archive.length < options.inPlace) return readSource(archive, limits);
      const answer = await inTurn(() => ask(archive));
      if ('source' in answer) return unpackSource(answer.source);
      const { code, message, details } = answer.refused;
      throw new RegistryError(code, message, details);
    },
    async close() {
      closed = true;
      await Promise.all([...threads].map((thread) => thread.close()));
    },
  };
}
