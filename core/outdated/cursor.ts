import { RegistryError } from '../errors.ts';
import { parseVersion, sortKey } from '../semver/version.ts';

/** Place in a list of composed versions: behind it come those with higher names. */
export interface ComposedPlace {
  space: string;
  chart: string;
  version: string;
}

/** Sorts after the name of every chart. */
const afterEveryChartName = '~';

/** Place behind all charts of a space. */
export function placeBehindSpace(space: string): ComposedPlace {
  return { space, chart: afterEveryChartName, version: '' };
}

/** Writes a place as the text that clients send to go on from there. */
export function writeComposedCursor({ space, chart, version }: ComposedPlace): string {
  return Buffer.from(`${space}/${chart}/${version}`).toString('base64url');
}

/** Reads the text of a place. @throws {RegistryError} `request.invalid` for any other text */
export function readComposedCursor(text: string): ComposedPlace {
  const [space, chart, version, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
  if (space && chart && version !== undefined && rest.length === 0 && !/\0/.test(space + chart + version))
    return { space, chart, version };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is no place in the list. Send the one of the Link header of the page before.',
    { parameter: 'cursor' },
  );
}

/** Lists the values of a place's columns, in the list's order. The columns are space, chart, sort key and version. */
export function placeColumnValues({ space, chart, version }: ComposedPlace): string[] {
  const parsed = parseVersion(version);
  return [space, chart, parsed ? sortKey(parsed) : '', version];
}
