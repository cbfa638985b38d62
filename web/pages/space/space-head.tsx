import type { SpaceDetails } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { describeBytes, describeCount } from '../../parts/bytes.ts';
import { Quota } from './quota.tsx';

/** Name of a space with its marks and counts, and the way to its settings. */
export function SpaceHead({
  space,
  details,
  hasSettings,
}: {
  space: string;
  /** Undefined while it loads. */
  details: SpaceDetails | undefined;
  /** Whether there is more in the settings than the rules of its retention; undefined while it is not known. */
  hasSettings: boolean | undefined;
}) {
  const settings = pathTo('spaces', space, 'settings');
  return (
    <div>
      <p class="small">
        <a href="/-/">Spaces</a>
      </p>
      <div class="row spread">
        <div class="row">
          <h1>{space}</h1>
          {details?.visibility !== undefined && details.visibility !== 'public' ? (
            <Badge>{details.visibility}</Badge>
          ) : null}
          {details?.mirror ? <Badge tone="accent">mirror</Badge> : null}
        </div>
        {hasSettings ? (
          <a class="button" href={settings}>
            Settings
          </a>
        ) : details && hasSettings === false ? (
          <a class="button" href={`${settings}?tab=retention`}>
            Retention
          </a>
        ) : null}
      </div>
      <p class="muted small">
        {details
          ? `${describeCount(details.charts, 'chart')}, ${describeCount(details.versions, 'version')}, ${describeBytes(details.bytes)} · `
          : ' '}
        {details ? <SpaceLinks space={space} /> : null}
      </p>
      {details?.quota ? <Quota quota={details.quota} /> : null}
    </div>
  );
}

/** Links to what happens in a space alone. */
function SpaceLinks({ space }: { space: string }) {
  const query = `?${new URLSearchParams({ space })}`;
  return (
    <>
      <a href={pathTo('jobs') + query}>Jobs</a> · <a href={pathTo('outdated') + query}>Out of date</a>
    </>
  );
}
