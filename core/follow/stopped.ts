import { isRegistryError, type RegistryError } from '../errors.ts';

/** Errors by which the author of a follow is refused: no other version of a source helps, so it waits until it is set again. */
const refusalCodes = ['access.denied', 'access.unauthenticated', 'access.insufficientScope'] as const;

/** Whether an error refuses the author of a follow. */
export function isAuthorRefusal(error: RegistryError): boolean {
  return refusalCodes.some((code) => isRegistryError(error, code));
}

const toSqlList = (codes: readonly string[]) => codes.map((code) => `'${code}'`).join(', ');

/** SQL that is true for a failure that is a refusal of the follow's author. */
export const isRefusalSql = (failure: string) =>
  `coalesce(${failure} ->> 'code' IN (${toSqlList(refusalCodes)}), false)`;

/**
 * SQL that is true for the failure of a follow in a cycle. Nothing but the end of the cycle may clear
 * it.
 */
export const isCycleSql = (failure: string) => `coalesce(${failure} ->> 'code' = 'follow.cycle', false)`;

/** SQL that is true for a failure that no change of a source ends. Such a failure is a refusal or a cycle. */
export const isStoppedSql = (failure: string) =>
  `coalesce(${failure} ->> 'code' IN (${toSqlList(['follow.cycle', ...refusalCodes])}), false)`;
