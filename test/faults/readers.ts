import { setTimeout as pause } from 'node:timers/promises';
import { digestOf } from '../../core/blobs/content.ts';
import type { Random } from '../support/random.ts';
import { errorText } from './error-text.ts';
import type { Part, Windows } from './windows.ts';

/** Paths to read, with the digests that each may have. */
export interface Readable {
  /** Digests that writers give a version, by the path of the download. */
  versions: ReadonlyMap<string, ReadonlySet<string>>;
  lists: readonly string[];
  /** Tells whether the publication of a path was answered with success, so that the path may not be missing. */
  isPublished(path: string): boolean;
}

/** Running readers. */
export interface Readers {
  /** Stops the readers. @returns their findings */
  stop(): Promise<{ reads: number; tally: ReadonlyMap<string, number>; problems: readonly string[] }>;
}

/** Targets and number of readers. */
export interface ReadersOptions {
  apis: readonly { name: Part; url: string }[];
  /** Readers of each API. */
  each: number;
  readable: Readable;
  windows: Windows;
  random: Random;
}

/**
 * Starts readers that list and download until stopped. A reader must never be locked out or see a partial write; 503 and
 * lost connections are allowed only while a part is away.
 */
export function startReaders({ apis, each, readable, windows, random }: ReadersOptions): Readers {
  const tally = new Map<string, number>();
  const problems: string[] = [];
  const paths = [...readable.versions.keys()];
  let reads = 0;
  let stopped = false;
  const count = (key: string) => tally.set(key, (tally.get(key) ?? 0) + 1);

  async function read(api: { name: Part; url: string }): Promise<void> {
    const isList = random.next() < 0.3;
    const path = isList ? random.pick(readable.lists) : random.pick(paths);
    const mustBeThere = isList || readable.isPublished(path);
    const from = performance.now();
    const excused = (...parts: Part[]) => windows.touches(parts, from, performance.now());
    const complain = (text: string) => problems.push(`${api.name} ${path}: ${text}`);
    reads += 1;
    try {
      const response = await fetch(api.url + path, { signal: AbortSignal.timeout(60_000) });
      const bytes = Buffer.from(await response.arrayBuffer());
      const { status } = response;
      count(String(status));
      if (status === 200) {
        if (!isList && !readable.versions.get(path)?.has(digestOf(bytes))) {
          complain(`${bytes.length} bytes that nobody wrote, ${digestOf(bytes)}`);
        }
      } else if (status === 503) {
        if (!excused('postgres', 'object store')) complain(`503 with everything up: ${bytes}`);
      } else if (status !== 404 || mustBeThere) {
        complain(`${status}: ${bytes.toString('utf8', 0, 300)}`);
      }
    } catch (error) {
      count('no answer');
      const parts: Part[] = isList ? [api.name] : [api.name, 'object store'];
      if (!excused(...parts)) complain(errorText(error));
    }
  }

  const running = apis.flatMap((api) =>
    Array.from({ length: each }, async () => {
      while (!stopped) {
        await read(api);
        await pause(random.between(10, 60));
      }
    }),
  );
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
      return { reads, tally, problems };
    },
  };
}
