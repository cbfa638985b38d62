import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { isCycleSql } from './stopped.ts';

/** Seconds after which another worker goes on with a run whose job is not known. */
export const runLeaseSeconds = 15;

/** Open run of a follow, with what is needed to go on with it. */
export interface ClaimedFollowRun {
  id: string;
  followId: string;
  settings: FollowSettings;
  /** Id of the principal with whose rights it runs. It is null for a follow that was set with open access. */
  principalId: string | null;
  principal: string | null;
  tokenId: string | null;
  /** Proof by a password or a trust rule with which the follow was set. */
  proof: string | null;
  callbackUrl: string | null;
  callbackSecret: string | null;
  callbackRow: string | null;
  failedSet: string | null;
  /** Time of the publication with which all this began. */
  waveAt: Date;
  /** Failures in a row that have nothing to do with the recipe. */
  attempts: number;
  /** Charts of the cycle that the run has to report. Null for a run that composes. Empty where the search was given up. */
  cycle: NamedChart[] | null;
}

const authorColumnSql = (column: string) =>
  `CASE WHEN f.principal_id IS NOT DISTINCT FROM r.principal_id THEN f.${column} END`;

/**
 * SQL columns of `ClaimedFollowRun`, of a run `r` and its follow `f`.
 * The rights are those with which the run was opened, and the callback is theirs or none.
 */
export const followRunColumns = `r.id, f.id AS "followId", f.settings, r.principal_id AS "principalId", r.principal,
  r.token_id AS "tokenId", r.proof, ${authorColumnSql('callback_url')} AS "callbackUrl",
  ${authorColumnSql('callback_secret')} AS "callbackSecret", ${authorColumnSql('callback_row')} AS "callbackRow",
  f.failed_set AS "failedSet", r.wave_at AS "waveAt", f.attempts,
  CASE WHEN ${isCycleSql('f.failure')} THEN f.untold_cycle END AS cycle`;
