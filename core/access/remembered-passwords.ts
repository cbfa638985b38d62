import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Principal } from './principal.ts';

/** User whose password was right, as of a revision of access. */
export interface VerifiedUser {
  principal: Principal;
  /** Hash that the password was compared with. */
  stored: string;
  revision: string;
}

/**
 * Memory of passwords that were compared in the last minute, under digests whose key never leaves this process.
 * Verified and wrong ones are apart, so that a flood of wrong ones displaces no verified one.
 */
export interface RememberedPasswords {
  /** Names a pair of user name and password, or of other texts that a stranger sends, in bounded size. */
  digest(name: string, other: string): string;
  findVerified(pair: string): VerifiedUser | undefined;
  addVerified(pair: string, user: VerifiedUser): void;
  /** Takes a verified pair to another revision, at which it was found to hold still; its minute goes on. */
  moveVerified(pair: string, user: VerifiedUser): void;
  /** Whether a pair was wrong for a stored hash, or for an unknown user. */
  isWrong(pair: string, stored: string | undefined): boolean;
  addWrong(pair: string, stored: string | undefined): void;
}

/** Milliseconds for which a pair is remembered. */
const rememberedMs = 60_000;
/** Pairs of each kind that one process remembers. */
const maxPairs = 10_000;

/** Creates the memory of a process. @param clock milliseconds that never go back */
export function createRememberedPasswords(clock: { now(): number } = performance): RememberedPasswords {
  const key = randomBytes(32);
  const bounds = { max: maxPairs, ttl: rememberedMs, perf: clock, ttlResolution: 0 };
  const verified = new LRUCache<string, VerifiedUser>(bounds);
  const wrong = new LRUCache<string, true>(bounds);
  const toWrongKey = (pair: string, stored: string | undefined) => `${pair} ${stored ?? ''}`;
  return {
    digest: (name, other) =>
      createHmac('sha256', key)
        .update(JSON.stringify([name, other]))
        .digest('base64'),
    findVerified: (pair) => verified.get(pair),
    addVerified: (pair, user) => void verified.set(pair, user),
    moveVerified: (pair, user) => void verified.set(pair, user, { noUpdateTTL: true }),
    isWrong: (pair, stored) => wrong.has(toWrongKey(pair, stored)),
    addWrong: (pair, stored) => void wrong.set(toWrongKey(pair, stored), true),
  };
}
