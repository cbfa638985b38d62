import type { ListedVersion } from '../api/lists.ts';
import { Badge } from './badge.tsx';

/** Marks of a version: deprecated, pre-release, out of date, composed, signed, library. */
export function ChartBadges({ of }: { of: ListedVersion }) {
  return (
    <span class="badges">
      {of.deprecated ? <Badge tone="danger">deprecated</Badge> : null}
      {of.preRelease ? <Badge tone="warn">pre-release</Badge> : null}
      {of.state === 'outdated' ? (
        <Badge tone="warn" title="Composing it again would give something else">
          out of date
        </Badge>
      ) : null}
      {of.composed ? (
        <Badge tone="accent" title="Composed in this registry from other charts">
          composed
        </Badge>
      ) : null}
      {of.signed ? (
        <Badge tone="good" title="Has a provenance file, or a signature of cosign">
          signed
        </Badge>
      ) : null}
      {of.type === 'library' ? <Badge>library</Badge> : null}
    </span>
  );
}
