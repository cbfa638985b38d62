/** Versions of an upstream that a mirror takes, and how it follows the upstream. */
export interface MirrorSettings {
  /** Globs of the names of charts. */
  charts: string[];
  /** Range of versions; absent for all. */
  range?: string;
  /** Largest number of versions of a chart, the highest; absent for all. Pre-releases count apart from releases. */
  last?: number;
  /** Whether pre-releases are taken. */
  prereleases: boolean;
  /** Days for which a version must have been public; 0 takes it at once. */
  minAgeDays: number;
  /** Whether versions that the repository has deleted are deleted here too. */
  prune: boolean;
  /** Largest number of versions that a run deletes; where more are gone it deletes none. */
  mostPruned: number;
  /** Whether other bytes under a version replace those that are stored. */
  overwrite: boolean;
  /** Whether requests to an OCI registry go without encryption; false if absent. */
  plainHttp?: boolean;
}

/** Completes settings with their defaults. */
export function completeSettings(
  given: {
    [Name in keyof MirrorSettings]?: MirrorSettings[Name] | undefined;
  },
): MirrorSettings {
  const { charts = ['*'], prereleases = true, minAgeDays = 0, prune = false, mostPruned = 100 } = given;
  const { overwrite = false, plainHttp = false, range, last } = given;
  return {
    ...{ charts, prereleases, minAgeDays, prune, mostPruned, overwrite },
    ...(range === undefined ? {} : { range }),
    ...(last === undefined ? {} : { last }),
    ...(plainHttp ? { plainHttp } : {}),
  };
}

/** Credentials of an upstream: sent to exactly the scheme, host and port of its URL. */
export interface MirrorCredentials {
  username: string;
  password: string;
  /** URL of a token service elsewhere that gets them too, where an OCI registry names it. */
  realm?: string | undefined;
}

/** Outcomes of a version of a mirror. */
export const mirrorOutcomes = [
  'stored',
  'replaced',
  'changed',
  'failed',
  'skipped',
  'gone',
  'pruned',
] as const;
/** Outcome of a version of a mirror. */
export type MirrorOutcome = (typeof mirrorOutcomes)[number];

/** States of a run of a mirror. `incomplete`: the versions were listed, and not every one came. */
export const mirrorRunStates = ['running', 'complete', 'incomplete', 'failed', 'cancelled'] as const;
/** State of a run of a mirror. */
export type MirrorRunState = (typeof mirrorRunStates)[number];

/** Reason why a run or a version failed, with a stable code. */
export interface MirrorFault {
  code: string;
  message: string;
}

/** Longest message of a fault, in characters. */
const maxFaultMessageLength = 1_000;

/** Makes the fault of an error, in a form that PostgreSQL stores. Texts of an upstream may have any characters, and megabytes. */
export function toMirrorFault({ code, message }: { code: string; message: string }): MirrorFault {
  const shown =
    message.length <= maxFaultMessageLength ? message : `${message.slice(0, maxFaultMessageLength - 1)}…`;
  // A character that was cut in two is replaced as well.
  return { code, message: shown.replaceAll(/[^\P{C}\n]/gu, '?') };
}
