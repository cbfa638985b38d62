import { useSignal } from '@preact/signals';
import { useLocation, useRoute } from 'preact-iso';
import { spacesQuery, whoAmIQuery } from '../../api/lists.ts';
import { rightsIn } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { describeBytes, describeCount } from '../../parts/bytes.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { usePageActions } from '../../parts/page-actions.ts';
import { useTitle } from '../../parts/use-title.ts';
import { mayUpload } from '../upload/may-upload.ts';
import { UploadFold } from '../upload/upload-fold.tsx';
import { Quota } from './quota.tsx';
import { SpaceCharts } from './space-charts.tsx';

/** Page of a space: its charts, and how to use and fill it. */
export function Space() {
  const { space = '' } = useRoute().params;
  return <SpacePage key={space} space={space} />;
}

function SpacePage({ space }: { space: string }) {
  useTitle(space);
  const changes = useSignal(0);
  const { value: me } = useData(whoAmIQuery, 'me');
  const spaces = useData(spacesQuery, { filter: { q: space }, place: { limit: 100 } });
  const details = spaces.value?.items.find(({ name }) => name === space);
  const { route } = useLocation();
  const { owner, webhooks, audit } = rightsIn(me, space);
  const hasSettings = owner || webhooks || audit;
  const settings = pathTo('spaces', space, 'settings');
  usePageActions(
    hasSettings ? [{ label: `Settings of ${space}`, run: () => route(settings) }] : [],
    `${space} ${hasSettings}`,
  );
  return (
    <section class="stack">
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
          </div>
          {hasSettings ? (
            <a class="button" href={settings}>
              Settings
            </a>
          ) : null}
        </div>
        <p class="muted small">
          {details
            ? `${describeCount(details.charts, 'chart')}, ${describeCount(details.versions, 'version')}, ${describeBytes(details.bytes)}`
            : ' '}
        </p>
        {details?.quota ? <Quota quota={details.quota} /> : null}
      </div>
      <div class="space-tools">
        <details class="fold">
          <summary>Use this space</summary>
          <UseSpace space={space} />
        </details>
        {mayUpload(me, details) ? (
          <UploadFold
            space={space}
            onDone={() => {
              changes.value += 1;
              spaces.reload();
            }}
          />
        ) : null}
      </div>
      <SpaceCharts space={space} changes={changes.value} />
    </section>
  );
}

function UseSpace({ space }: { space: string }) {
  const { origin, host, protocol } = location;
  const plain = protocol === 'http:' ? ' --plain-http' : '';
  return (
    <div class="stack">
      <h2>As a chart repository</h2>
      <Copyable
        label="add the repository"
        text={`helm repo add ${space} ${origin}/${space}\nhelm repo update ${space}`}
      />
      <h2>As an OCI registry</h2>
      <Copyable label="pull from OCI" text={`helm pull oci://${host}/${space}/CHART${plain}`} />
    </div>
  );
}
