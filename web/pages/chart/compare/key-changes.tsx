import type { KeyChange } from '@helm-registry/client';
import { splitPointer } from '../../../parts/values/values-tree.ts';
import { ChangeBadge } from './change-badge.tsx';

/** Longest part of a value that is shown. */
const maxShownCharacters = 2_000;

/** Changed keys, each with its value before and after. */
export function KeyChanges({ changes }: { changes: readonly KeyChange[] }) {
  return (
    <ul class="changes-list">
      {changes.map(({ pointer, change, from, to, truncated }) => (
        <li key={pointer}>
          <p class="row">
            <ChangeBadge change={change} />
            <code>
              <bdi>{splitPointer(pointer).join('.')}</bdi>
            </code>
          </p>
          {from === undefined ? null : <ChangedValue kind="removed" value={from} />}
          {to === undefined ? null : <ChangedValue kind="added" value={to} />}
          {truncated ? (
            <p class="small muted">The value is too long to show here; the files below have it.</p>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function ChangedValue({ kind, value }: { kind: 'added' | 'removed'; value: unknown }) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return (
    <p class="change-side" data-diff={kind}>
      <span class="unseen">{kind === 'added' ? 'after: ' : 'before: '}</span>
      <span aria-hidden="true">{kind === 'added' ? '+ ' : '− '}</span>
      <bdi>{text === '' ? '""' : text.slice(0, maxShownCharacters)}</bdi>
    </p>
  );
}
