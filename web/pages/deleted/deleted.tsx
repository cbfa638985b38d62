import type { DeletedVersion } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { deletedVersionsQuery } from '../../api/deleted.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { Button } from '../../parts/button.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty, Problem } from '../../parts/states.tsx';
import { DeletedRows, deletionKeyOf } from './deleted-rows.tsx';
import { clearLastDeletion } from './last-deletion.ts';
import { createRestorations } from './restorations.ts';

const limit = 50;

/** Deleted versions of a space that can be restored, and until when. The reader restores one, or those that are chosen. */
export function Deleted({ space }: { space: string }) {
  const { query, href } = useAddress();
  const start = readStart(query.start);
  const chart = query.chart || undefined;
  const deleted = useData(deletedVersionsQuery, { space, chart, page: { start, limit } });
  const restorations = useMemo(() => createRestorations(space), [space]);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const items = deleted.value?.items ?? [];
  const wanted = items.filter((item) => chosen.value.has(deletionKeyOf(item)));
  const left = restorations.left.value;
  const restore = async (versions: readonly DeletedVersion[]) => {
    const restored = await restorations.restore(versions);
    // Refused versions stay chosen, and so do versions that were chosen meanwhile.
    const keys = new Set(restored.map(deletionKeyOf));
    chosen.value = new Set([...chosen.peek()].filter((key) => !keys.has(key)));
    const refused = versions.length - restored.length;
    if (restored.length > 0) clearLastDeletion();
    announce(
      `${describeCount(restored.length, 'version')} restored${refused > 0 ? `, ${refused} refused` : ''}.`,
    );
    deleted.reload();
  };
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Deleted versions</h2>
        <Button kind="primary" isBusy={wanted.length === 0 || left > 0} onClick={() => void restore(wanted)}>
          {left > 0
            ? `${left} to go`
            : wanted.length === 0
              ? 'Restore those chosen'
              : `Restore ${describeCount(wanted.length, 'version')}`}
        </Button>
      </div>
      <p class="small muted">
        They come back as they were: archive, signature, lineage, times. Once the time is over they are gone
        for good.
      </p>
      {restorations.failed.value.map(({ name, problem }) => (
        <div key={name} class="stack">
          <p>
            <bdi>{name}</bdi> is not restored:
          </p>
          <Problem problem={problem} />
        </div>
      ))}
      <Data data={deleted} lines={6}>
        {({ total }) =>
          items.length === 0 && total > 0 ? (
            <BeyondEnd of="versions" />
          ) : items.length === 0 ? (
            <Empty title="Nothing to restore">
              <p>Versions that were deleted a short time ago are listed here.</p>
              {chart === undefined ? null : <a href={href({ chart: undefined })}>Show those of all charts</a>}
            </Empty>
          ) : (
            <div>
              <DeletedRows
                versions={items}
                chosen={chosen.value}
                isBusy={left > 0}
                onChoose={(next) => {
                  chosen.value = next;
                }}
                onRestore={(version) => void restore([version])}
              />
              <Pager start={start} limit={limit} total={total} of="versions" />
            </div>
          )
        }
      </Data>
    </section>
  );
}
