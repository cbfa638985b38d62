import { createHash } from 'node:crypto';

/** Characters of a digest in a proof: 96 bits, which nobody meets by chance. */
const digestLength = 16;

/**
 * Makes the proof of a password, from its stored hash.
 * Registry tokens have the proof that they were issued for, and end with it. It tells nothing about hash or password.
 */
export function proofOfPassword(stored: string): string {
  return `password:${createHash('sha256').update(stored).digest('base64url').slice(0, digestLength)}`;
}

/** Makes the proof of a workload: the trust rule that its token met. */
export function proofOfRule(id: string): string {
  return `rule:${id}`;
}
