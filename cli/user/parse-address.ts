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
  // A path of dots would lead elsewhere.
  if (space === undefined || [space, chart, version].some((part) => part === '.' || part === '..'))
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

/** Checks the id of a job. @throws {CommandError} for what cannot be one */
export function parseJobId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw usageError(`${JSON.stringify(text)} is not the id of a job`);
}

/** Checks the path of a file in a chart. @throws {CommandError} for a path that leads out of it */
export function parseFilePath(text: string): string {
  if (!text.split('/').some((part) => part === '' || part === '.' || part === '..')) return text;
  throw usageError(
    `${JSON.stringify(text)} is not the path of a file in a chart, such as templates/service.yaml`,
  );
}
