import { RegistryError } from '../errors.ts';
import type { NamedChart } from '../registry/mask-sources.ts';

/** Place in a list of follows: behind it come those of the same rank with higher names, and those of higher ranks. */
export interface FollowCursor extends NamedChart {
  /** Group of the list; see `followRankSql`. */
  rank: number;
}

/** Writes a cursor as the text that clients send for the next page. */
export function writeFollowCursor({ rank, space, chart }: FollowCursor): string {
  return Buffer.from(`${rank}/${space}/${chart}`).toString('base64url');
}

/** Reads the text of a cursor. @throws {RegistryError} `request.invalid` for any other text */
export function readFollowCursor(text: string): FollowCursor {
  const [rank = '', space, chart, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
  if (/^[012]$/.test(rank) && space && chart && rest.length === 0 && !/\0/.test(space + chart))
    return { rank: Number(rank), space, chart };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is not a cursor of this list. Send the one of the Link header of the previous page.',
    { parameter: 'cursor' },
  );
}
