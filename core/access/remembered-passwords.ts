import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Principal } from './principal.ts';

/** User whose password was right, as of a revision of access. */
export interface VerifiedUser {
  principal: Principal;
  /** Hash that the password was compared with. */
  stored: string;
  /** Proof of the password. */
  proof: string;
  revision: string;
}

/**
 * Memory of passwords that were compared, under digests whose key never leaves this process. Verified and wrong ones are
 * apart, so that a flood of wrong ones displaces no verified one. Verified ones are remembered for hours: who uses a
 * password is not in the queue of those who guess one. They are compared with the stored hash at each revision of access.
 */
export interface RememberedPasswords {
  /** Names a pair of user name and password, or of other texts that a stranger sends, in bounded size. */
  digest(name: string, other: string): string;
  findVerified(pair: string): VerifiedUser | undefined;
  /** Remembers a pair, or takes it to another revision, at which it was found to hold still. */
  addVerified(pair: string, user: VerifiedUser): void;
  /** Whether a pair was wrong for a stored hash, or for an unknown user. */
  isWrong(pair: string, stored: string | undefined): boolean;
  addWrong(pair: string, stored: string | undefined): void;
  /** Whether a user has logged in rightly from a network within a day. @param line digest of name and network */
  isKnown(line: string): boolean;
  addKnown(line: string): void;
}

/** Milliseconds since its last use for which a verified pair is remembered. */
const verifiedMs = 12 * 60 * 60_000;
/** Milliseconds for which a wrong pair is remembered. */
const wrongMs = 60_000;
/** Milliseconds for which a line is remembered. The next log-in then records in the database that it is used still. */
const knownMs = 24 * 60 * 60_000;
/** Pairs of each kind, and lines, that one process remembers. */
const maxPairs = 10_000;

/** Creates the memory of a process. @param clock milliseconds that never go back */
export function createRememberedPasswords(clock: { now(): number } = performance): RememberedPasswords {
  const key = randomBytes(32);
  const bounds = { max: maxPairs, perf: clock, ttlResolution: 0 };
  const verified = new LRUCache<string, VerifiedUser>({ ...bounds, ttl: verifiedMs, updateAgeOnGet: true });
  const wrong = new LRUCache<string, true>({ ...bounds, ttl: wrongMs });
  const known = new LRUCache<string, true>({ ...bounds, ttl: knownMs });
  const toWrongKey = (pair: string, stored: string | undefined) => `${pair} ${stored ?? ''}`;
  return {
    digest: (name, other) =>
      createHmac('sha256', key)
        .update(JSON.stringify([name, other]))
        .digest('base64'),
    findVerified: (pair) => verified.get(pair),
    addVerified: (pair, user) => void verified.set(pair, user),
    isWrong: (pair, stored) => wrong.has(toWrongKey(pair, stored)),
    addWrong: (pair, stored) => void wrong.set(toWrongKey(pair, stored), true),
    isKnown: (line) => known.get(line) === true,
    addKnown: (line) => void known.set(line, true),
  };
}
