import { createHash } from 'node:crypto';
import type { Queryable } from '../db/port.ts';

/** Password as a principal's row has it. */
export interface StoredPassword {
  /** Argon2id hash. */
  stored: string;
  /** Proof that a hash of the same password had before it was made anew; null for the first hash. */
  keptProof: string | null;
}

/**
 * Columns of `StoredPassword`, of a principal `p`; both are null for one without a password. A kept proof counts with the
 * hash that it was stored with: a program of a former release changes the hash, and leaves the proof.
 */
export const storedPasswordSql = `p.password_hash AS stored,
  CASE WHEN p.password_proof_of = ${digestOfHashSql('p.password_hash')} THEN p.password_proof END AS "keptProof"`;

/** SQL of the digest by which a kept proof names its hash. @param hash SQL of the hash */
export function digestOfHashSql(hash: string): string {
  return `sha256(convert_to(${hash}, 'UTF8'))`;
}

/** Password of a row, which need not have one. */
export type StoredPasswordRow = { [Key in keyof StoredPassword]: StoredPassword[Key] | null };

/** Characters of a digest in a proof: 96 bits, which nobody meets by chance. */
const digestLength = 16;

/**
 * Makes the proof of a password, from its first hash. A changed password has another one.
 * Registry tokens, jobs and follows have the proof that they were begun with, and end with it. It tells nothing about
 * hash or password.
 */
export function proofOfPassword({ stored, keptProof }: StoredPassword): string {
  if (keptProof !== null) return keptProof;
  return `password:${createHash('sha256').update(stored).digest('base64url').slice(0, digestLength)}`;
}

/** Makes the proof of the password of a row; undefined where it has none. */
export function proofOfPasswordRow({ stored, keptProof }: StoredPasswordRow): string | undefined {
  return stored === null ? undefined : proofOfPassword({ stored, keptProof });
}

const rulePrefix = 'rule:';

/** Makes the proof of a workload: the trust rule that its token met. */
export function proofOfRule(id: string): string {
  return `${rulePrefix}${id}`;
}

/** Whether a proof is that of a workload. */
export function isProofOfRule(proof: string): boolean {
  return proof.startsWith(rulePrefix);
}

/** Columns of all proofs of a principal `p`. */
export const proofColumnsSql = `${storedPasswordSql}, ARRAY(SELECT r.id::text FROM trust_rules r WHERE r.account_id = p.id) AS rules`;

/** Row with the columns of all proofs. */
export interface ProofRow extends StoredPasswordRow {
  rules: readonly string[];
}

/** Makes the proofs that a principal has now. They are of its password, and of its trust rules. */
export function toProofs({ rules, ...password }: ProofRow): ReadonlySet<string> {
  const proof = proofOfPasswordRow(password);
  return new Set(rules.map(proofOfRule).concat(proof ?? []));
}

/** Reads the proofs that principals have now, by their ids. */
export async function selectProofs(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const rows = await db.query<ProofRow & { id: string }>(
    `SELECT p.id, ${proofColumnsSql} FROM principals p WHERE p.id = ANY((SELECT $1::uuid[])::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, ...row }) => [id, toProofs(row)]));
}
