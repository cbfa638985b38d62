import type { Client, VersionClient } from '../../client/src/index.ts';
import { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';
import type { ChartAddress } from './parse-address.ts';

/** Whether a text is one version, not a range. */
export function isExactVersion(text: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]*)?$/.test(text);
}

/**
 * Finds the version that an address names. The version is that one, the highest in a range, or the latest without
 * either.
 * @throws {CommandError} where no version is in the range
 */
export async function findVersion(
  client: Client,
  { space, chart, version }: ChartAddress,
  signal: AbortSignal,
): Promise<VersionClient> {
  const found = client.space(space).chart(chart);
  if (version === undefined || version === 'latest')
    return found.version((await found.latestMetadata({ signal })).version);
  if (isExactVersion(version)) return found.version(version);
  const { items } = await found.versions({ range: version }, { signal }).page({ limit: 1 });
  if (items[0]) return found.version(items[0].version);
  throw new CommandError(`no version of ${space}/${chart} is in the range ${version}`, exitCodes.notFound);
}
