import { useEffect, useRef } from 'preact/hooks';
import { useAddress } from './address.ts';
import { announce } from './announce.tsx';

/**
 * Links to the pages before and after. `start` in the address says where a page begins. A turned page is seen from its
 * beginning.
 */
export function Pager({
  start,
  limit,
  total,
  parameter = 'start',
  of = 'items',
}: {
  start: number;
  limit: number;
  total: number;
  parameter?: string;
  /** Word for what is counted. */
  of?: string;
}) {
  const { href } = useAddress();
  const nav = useRef<HTMLElement>(null);
  const hasTurned = useRef(false);
  useEffect(() => {
    if (!hasTurned.current) return;
    hasTurned.current = false;
    nav.current?.closest('.data')?.scrollIntoView({ block: 'start' });
    announce(`${of} from ${start + 1}`);
  }, [start]);
  const turn = () => {
    hasTurned.current = true;
  };
  if (total <= limit && start === 0) return null;
  const before = Math.max(0, start - limit);
  const last = Math.min(total, start + limit);
  return (
    <nav ref={nav} class="pager" aria-label={`Pages of ${of}`}>
      <span class="number">
        {total === 0 ? 0 : start + 1}–{last} of {total.toLocaleString('en')} {of}
      </span>
      <span class="row">
        {start > 0 ? (
          <a
            class="button"
            data-size="small"
            href={href({ [parameter]: before || undefined })}
            onClick={turn}
          >
            ← Before
          </a>
        ) : null}
        {start + limit < total ? (
          <a class="button" data-size="small" href={href({ [parameter]: start + limit })} onClick={turn}>
            Next →
          </a>
        ) : null}
      </span>
    </nav>
  );
}

/** Reads where the page of a list begins. */
export function readStart(text: string | undefined): number {
  const start = Number(text ?? 0);
  return Number.isInteger(start) && start > 0 ? start : 0;
}
