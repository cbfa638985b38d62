import { usageError } from './command-error.ts';

/** Space, chart or version as a user names it. */
export interface Address {
  space: string;
  chart?: string;
  /** Version, or a range as Helm reads it. */
  version?: string;
}

/** Address that names a chart at least. */
export type ChartAddress = Address & { chart: string };

/** Parses `SPACE`, `SPACE/CHART` or `SPACE/CHART:VERSION`. @throws {CommandError} for anything else */
export function parseAddress(text: string): Address {
  const [, space, chart, version] = /^([^/:\s]+)(?:\/([^/:\s]+)(?::(\S.*))?)?$/.exec(text) ?? [];
  if (space === undefined)
    throw usageError(`${JSON.stringify(text)} names nothing: expected SPACE/CHART or SPACE/CHART:VERSION`);
  return {
    space,
    ...(chart === undefined ? {} : { chart }),
    ...(version === undefined ? {} : { version }),
  };
}

/** Parses `SPACE/CHART` or `SPACE/CHART:VERSION`. @throws {CommandError} for anything else */
export function parseChartAddress(text: string): ChartAddress {
  const { chart, ...address } = parseAddress(text);
  if (chart === undefined)
    throw usageError(`${text} is a space: expected SPACE/CHART or SPACE/CHART:VERSION`);
  return { ...address, chart };
}

/** Parses `SPACE`. @throws {CommandError} for anything else */
export function parseSpace(text: string): string {
  const { space, chart } = parseAddress(text);
  if (chart !== undefined) throw usageError(`${text} is a chart: expected SPACE`);
  return space;
}

/** Renders an address, as `parseAddress` reads it. */
export function formatAddress({ space, chart, version }: Address): string {
  const place = chart === undefined ? space : `${space}/${chart}`;
  return version === undefined ? place : `${place}:${version}`;
}
