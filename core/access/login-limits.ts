import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { addFailures, type FailureCount, readDelays } from './login-failures.ts';
import { hashTo16Bits } from './secrets.ts';

/** Attempt to log in. */
export interface LoginAttempt {
  /** Network of the client, as `networkOf` names it. */
  network: string;
  /** User name as it was typed, known or not; absent for an attempt with a token. */
  name?: string;
  /** Id of a user who is logged in and types the code of a command. It counts for that user alone. */
  typist?: string;
}

/** Delay that holds for an attempt at present: of its account, its network or both. */
export interface LoginDelay {
  /** Seconds to its end; 0 where there is none. */
  seconds: number;
  /** Whether it holds for all that the attempt counts for, so that a failure changes nothing. */
  isWhole: boolean;
}

/**
 * Limits of failed log-ins, shared by all processes. They answer wrong credentials alone: right ones are accepted during
 * a delay too, so nobody can lock somebody else out.
 */
export interface LoginLimits {
  /** Reads the delay that holds for attempts like this one. */
  readDelay(attempt: LoginAttempt): Promise<LoginDelay>;
  /**
   * Counts a failed attempt, for its account and its network.
   * @param delay as it was read before; absent to read it here
   * @returns seconds to the end of a delay that held already; undefined where none did
   */
  countFailure(attempt: LoginAttempt, delay?: LoginDelay): Promise<number | undefined>;
}

/** Attempts that share a query. */
const maxAttemptsPerQuery = 200;

/** Creates the limits of failed log-ins. */
export function createLoginLimits(db: Queryable): LoginLimits {
  const askDelays = batchCalls(
    async (questions: number[][]) => {
      const delays = await readDelays(db, [...new Set(questions.flat())]);
      return questions.map((buckets) => toDelay(buckets, delays));
    },
    { max: maxAttemptsPerQuery },
  );
  const askCounts = batchCalls(
    async (questions: number[][]) => {
      const delays = await addFailures(db, countFailuresByBucket(questions.flat()));
      return questions.map((buckets) => toDelay(buckets, delays));
    },
    { max: maxAttemptsPerQuery },
  );

  const limits: LoginLimits = {
    readDelay: (attempt) => askDelays(attempt.network, bucketsOfAttempt(attempt)),
    async countFailure(attempt, known) {
      const before = known ?? (await limits.readDelay(attempt));
      // During a delay nothing is counted, so a flood of failures writes nothing.
      const after = before.isWhole ? before : await askCounts(attempt.network, bucketsOfAttempt(attempt));
      return Math.max(before.seconds, after.seconds) || undefined;
    },
  };
  return limits;
}

/** Makes the error for wrong credentials during a delay. */
export function tooManyFailuresError(seconds: number): RegistryError {
  return new RegistryError(
    'access.tooManyFailures',
    `These credentials are wrong, and too many log-ins have failed. Try again in ${seconds} s; right credentials are accepted at any time.`,
    { retryAfterSeconds: seconds },
  );
}

function toDelay(buckets: readonly number[], delays: ReadonlyMap<number, number>): LoginDelay {
  const seconds = buckets.map((bucket) => delays.get(bucket) ?? 0);
  return { seconds: Math.max(...seconds), isWhole: seconds.every((each) => each > 0) };
}

function countFailuresByBucket(buckets: readonly number[]): FailureCount[] {
  const sums = new Map<number, number>();
  for (const bucket of buckets) sums.set(bucket, (sums.get(bucket) ?? 0) + 1);
  return [...sums].map(([bucket, failures]) => ({ bucket, failures }));
}

/** Number of the buckets of names. Those of networks follow, and then those of typists, which no stranger's attempt reaches. */
const nameBucketCount = 65_536;

/** Returns the buckets that an attempt counts in. Sixteen bits tell nobody what was typed as a user name. */
function bucketsOfAttempt({ network, name, typist }: LoginAttempt): number[] {
  if (typist !== undefined) return [2 * nameBucketCount + hashTo16Bits(typist)];
  const own = nameBucketCount + hashTo16Bits(network);
  return name === undefined ? [own] : [hashTo16Bits(name), own];
}
