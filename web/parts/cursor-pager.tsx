import { useAddress } from './address.ts';

/** Links to the first and next page of a list with cursors. `cursor` is in the address. */
export function CursorPager({
  cursor,
  next,
  of,
}: {
  cursor: string | undefined;
  next: string | undefined;
  /** Word for the items. */
  of: string;
}) {
  const { href } = useAddress();
  if (next === undefined && !cursor) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${of}`}>
      <span>{cursor ? <a href={href({ cursor: undefined })}>← First page</a> : null}</span>
      {next === undefined ? null : (
        <a class="button" data-size="small" href={href({ cursor: next })}>
          Next →
        </a>
      )}
    </nav>
  );
}
