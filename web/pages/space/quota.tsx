import type { SpaceQuota } from '@helm-registry/client';
import { Badge } from '../../parts/badge.tsx';
import { describeBytes, describeCount } from '../../parts/bytes.ts';

/** Part of a quota from which a space counts as nearly full, as the registry's event has it. */
const nearlyFullRatio = 0.85;

/** Use of the quotas of a space; nothing where it has none. */
export function Quota({ quota: { bytes, versions } }: { quota: SpaceQuota }) {
  const quotas = [
    { ...bytes, describe: describeBytes },
    { ...versions, describe: (count: number) => describeCount(count, 'version') },
  ];
  const parts = quotas.flatMap(({ used, limit, describe }) =>
    limit === null ? [] : [{ text: `${describe(used)} of ${describe(limit)}`, used, limit }],
  );
  if (parts.length === 0) return null;
  const isNear = parts.some(({ used, limit }) => used >= limit * nearlyFullRatio);
  return (
    <p class="muted small row">
      <span>Quota: {parts.map(({ text }) => text).join(', ')}</span>
      {isNear ? <Badge>nearly full</Badge> : null}
    </p>
  );
}
