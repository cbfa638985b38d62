import { LRUCache } from 'lru-cache';
import type { Digest } from '../blobs/port.ts';
import { isRegistryError } from '../errors.ts';
import type { Log } from '../runtime/log.ts';
import type { VersionRef } from './registry.ts';

/** Row of a version and its archive, whose values have no note yet. */
interface Unnoted {
  id: number;
  digest: Digest;
}

/** Failures to make the note about Helm 3, as remembered for a minute. */
export interface Helm3NoteFailures {
  /** Checks whether a read of the archive failed within the last minute; another try would fail again. */
  isRecent(version: Unnoted): boolean;
  /** Remembers a failure, and logs it once a minute for each version. */
  add(ref: VersionRef, version: Unnoted, error: unknown): void;
}

/** Milliseconds for which a failure is remembered. */
const memoryMs = 60_000;
/** Largest number of failures that are remembered. */
const maxFailures = 10_000;

/**
 * Creates an empty memory of failures to make notes about Helm 3.
 * @param now milliseconds of a clock
 */
export function createHelm3NoteFailures(log: Log, now = () => performance.now()): Helm3NoteFailures {
  const failures = new LRUCache<string, { until: number; isLasting: boolean }>({ max: maxFailures });

  function find({ id, digest }: Unnoted): { isLasting: boolean } | undefined {
    const failure = failures.get(keyOf(id, digest));
    return failure && now() < failure.until ? failure : undefined;
  }

  return {
    isRecent: (version) => find(version)?.isLasting ?? false,
    add({ space, chart, version }, unnoted, error) {
      if (find(unnoted)) return;
      log.warn(
        { space, chart, version, error },
        'values are served without their note about Helm 3, which could not be made',
      );
      failures.set(keyOf(unnoted.id, unnoted.digest), {
        until: now() + memoryMs,
        isLasting: isLasting(error),
      });
    },
  };
}

function keyOf(id: number, digest: Digest): string {
  return `${id} ${digest}`;
}

/**
 * Checks whether the next read of an archive would fail like the last one. A missing archive costs no read, and may be
 * there again. An error with a time to retry passes by itself, and so does an error that is not the registry's own.
 */
function isLasting(error: unknown): boolean {
  return isRegistryError(error) && error.code !== 'blob.missing' && error.retryAfter === undefined;
}
