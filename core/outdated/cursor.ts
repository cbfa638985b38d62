import { RegistryError } from '../errors.ts';
import { parseVersion, sortKey } from '../semver/version.ts';

/** Version after which a page of composed versions begins; those after it have higher names. */
export interface ComposedCursor {
  space: string;
  chart: string;
  version: string;
}

/** Sorts after the name of every chart. */
const afterEveryChartName = '~';

/** Creates the cursor behind all charts of a space. */
export function cursorBehindSpace(space: string): ComposedCursor {
  return { space, chart: afterEveryChartName, version: '' };
}

/** Writes a cursor as the text that clients send for the next page. */
export function writeComposedCursor({ space, chart, version }: ComposedCursor): string {
  return Buffer.from(`${space}/${chart}/${version}`).toString('base64url');
}

/** Reads the text of a cursor. @throws {RegistryError} `request.invalid` for any other text */
export function readComposedCursor(text: string): ComposedCursor {
  const [space, chart, version, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
  if (space && chart && version !== undefined && rest.length === 0 && !/\0/.test(space + chart + version))
    return { space, chart, version };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is not a cursor of this list. Send the one of the Link header of the previous page.',
    { parameter: 'cursor' },
  );
}

/** Lists the values of a cursor's columns. They are in the order of the list: space, chart, sort key, version. */
export function cursorColumnValues({ space, chart, version }: ComposedCursor): string[] {
  const parsed = parseVersion(version);
  return [space, chart, parsed ? sortKey(parsed) : '', version];
}
