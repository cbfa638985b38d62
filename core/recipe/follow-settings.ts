/** Steps of a source's version that make a follow compose, each with those before it. */
export const followedSteps = ['patch', 'minor', 'any'] as const;
/** Largest step of a source's version that makes a follow compose. */
export type FollowedStep = (typeof followedSteps)[number];

/** Rules for the version of a chart that a follow composes. */
export const followVersions = ['patch', 'minor', 'same-as-source'] as const;
/** Rule for the version of a chart that a follow composes. */
export type FollowVersion = (typeof followVersions)[number];

/** Settings of a follow: when a chart is composed anew, and under which version. */
export interface FollowSettings {
  on: FollowedStep;
  next: FollowVersion;
  /** Time from the first change to its composition, such as `10m`: all that comes meanwhile is composed once. */
  wait: string;
  /** Whether pre-releases of sources count. */
  prereleases: boolean;
  /** Number of versions made by the follow that are kept; all if omitted. */
  keep?: number;
}

/** Largest `wait` in seconds: a day. */
const maxWaitSeconds = 86_400;

/** Largest `keep`. */
export const maxKeep = 10_000;

const secondsByUnit: Record<string, number> = { s: 1, m: 60, h: 3_600 };

/** Reads a time such as `0s`, `90s`, `10m` or `2h`. @returns seconds; undefined for another text, or more than a day */
export function readWait(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsByUnit[unit] ?? Number.NaN);
  return seconds <= maxWaitSeconds ? seconds : undefined;
}
