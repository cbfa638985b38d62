import type { WhoAmI } from '@helm-registry/client';
import { useRoute } from 'preact-iso';
import { spaceQuery } from '../../api/lists.ts';
import { rightsInSpace } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Skeleton } from '../../parts/states.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { AuditList } from '../audit/audit-list.tsx';
import { AccountList } from '../service-accounts/account-list.tsx';
import { WebhookList } from '../webhooks/webhook-list.tsx';
import { General } from './general.tsx';
import { LazySettingsPart } from './lazy-part.tsx';
import { Members } from './members.tsx';

/**
 * Settings of a space, with the tabs that the reader's role has. Who reads the space sees the rules of its retention;
 * where access is open, there is nobody to administer.
 */
export function Settings() {
  const { space = '' } = useRoute().params;
  useTitle('Settings', space);
  const { value: seen, isLoading } = useData(spaceQuery, space);
  // Strangers get a problem, as for a space that does not exist.
  const isSeen = seen?.name === space;
  return (
    <section class="stack" key={space}>
      <div>
        <p class="small">
          <a href="/-/">Spaces</a> / <a href={pathTo('spaces', space)}>{space}</a>
        </p>
        <h1>Settings of {space}</h1>
      </div>
      {!seen && isLoading ? (
        <Skeleton />
      ) : (
        <ShowIfAllowed may={(me) => tabsOf(me, space, isSeen).length > 0}>
          {(me) => <SettingsTabs me={me} space={space} isSeen={isSeen} />}
        </ShowIfAllowed>
      )}
    </section>
  );
}

/** Parameters of the address that belong to one tab. */
const settingsTabParameters = [
  ...['start', 'cursor', 'expires', 'chart', 'run'],
  ...['principal', 'action', 'outcome', 'since', 'until'],
];

function SettingsTabs({ me, space, isSeen }: { me: WhoAmI; space: string; isSeen: boolean }) {
  const tabs = tabsOf(me, space, isSeen);
  const tab = useTab(tabs);
  return (
    <>
      <Tabs label={`Settings of ${space}`} tabs={tabs} drops={settingsTabParameters} />
      {tab === 'general' ? <General space={space} /> : null}
      {tab === 'members' ? <Members space={space} /> : null}
      {tab === 'accounts' ? <AccountList of={{ space }} /> : null}
      {tab === 'webhooks' ? <WebhookList space={space} /> : null}
      {tab === 'retention' || tab === 'mirror' || tab === 'deleted' ? (
        <LazySettingsPart key={tab} id={tab} space={space} may={rightsInSpace(me, space)} />
      ) : null}
      {tab === 'audit' ? <AuditList space={space} /> : null}
    </>
  );
}

/** @param isSeen whether the reader may read the space, by a role or without */
function tabsOf(me: WhoAmI, space: string, isSeen: boolean) {
  const { reads, publishes, maintains, owner, webhooks, audit } = rightsInSpace(me, space);
  return [
    ...(owner
      ? [
          { id: 'general', label: 'General' },
          { id: 'members', label: 'Members' },
          { id: 'accounts', label: 'Service accounts' },
        ]
      : []),
    ...(webhooks ? [{ id: 'webhooks', label: 'Webhooks' }] : []),
    ...(reads || isSeen ? [{ id: 'retention', label: 'Retention' }] : []),
    ...(publishes ? [{ id: 'mirror', label: 'Mirror' }] : []),
    ...(maintains ? [{ id: 'deleted', label: 'Deleted versions' }] : []),
    ...(audit ? [{ id: 'audit', label: 'Audit' }] : []),
  ];
}
