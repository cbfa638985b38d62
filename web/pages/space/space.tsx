import { useSignal } from '@preact/signals';
import { useLocation, useRoute } from 'preact-iso';
import { spaceRowQuery, whoAmIQuery } from '../../api/lists.ts';
import { rightsInSpace } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { usePageActions } from '../../parts/page-actions.ts';
import { useTitle } from '../../parts/use-title.ts';
import { UndoDeletion } from '../deleted/undo-deletion.tsx';
import { mayUpload } from '../upload/may-upload.ts';
import { UploadFold } from '../upload/upload-fold.tsx';
import { DeeperRepositories } from './deeper-repositories.tsx';
import { SpaceCharts } from './space-charts.tsx';
import { SpaceCommands } from './space-commands.tsx';
import { SpaceHead } from './space-head.tsx';

/** Page of a space: its charts, and how to use and fill it. */
export function Space() {
  const { space = '' } = useRoute().params;
  return <SpacePage key={space} space={space} />;
}

function SpacePage({ space }: { space: string }) {
  useTitle(space);
  const changes = useSignal(0);
  const { value: me } = useData(whoAmIQuery, 'me');
  const { value: details, reload } = useData(spaceRowQuery, space);
  const { route } = useLocation();
  const { publishes, audit } = rightsInSpace(me, space);
  const hasSettings = publishes || audit;
  const settings = pathTo('spaces', space, 'settings');
  usePageActions(
    hasSettings ? [{ label: `Settings of ${space}`, run: () => route(settings) }] : [],
    `${space} ${hasSettings}`,
  );
  const onChanged = () => {
    changes.value += 1;
    reload();
  };
  return (
    <section class="stack">
      <SpaceHead space={space} details={details} hasSettings={me && hasSettings} />
      <UndoDeletion space={space} onDone={onChanged} />
      {details?.mirror ? (
        <p class="note">
          <span>
            This space is a mirror: its charts are copied from elsewhere, and nothing else can be stored here.{' '}
            {publishes ? <a href={`${settings}?tab=mirror`}>See how the mirror does</a> : null}
          </span>
        </p>
      ) : null}
      <div class="space-tools">
        <details class="fold">
          <summary>Use this space</summary>
          <SpaceCommands space={space} />
        </details>
        <UploadFold space={space} isOffered={mayUpload(me, details) && !details?.mirror} onDone={onChanged} />
      </div>
      <SpaceCharts space={space} changes={changes.value} mayFill={!details?.mirror} />
      <DeeperRepositories space={space} />
    </section>
  );
}
