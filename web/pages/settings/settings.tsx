import type { WhoAmI } from '@helm-registry/client';
import { useRoute } from 'preact-iso';
import { rightsIn } from '../../api/rights.ts';
import { pathTo } from '../../parts/address.ts';
import { Gate } from '../../parts/gate.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { AuditList } from '../audit/audit-list.tsx';
import { AccountList } from '../service-accounts/account-list.tsx';
import { WebhookList } from '../webhooks/webhook-list.tsx';
import { General } from './general.tsx';
import { Members } from './members.tsx';

/** Administration of a space, with the tabs that the reader's role has. Where access is open, it has webhooks alone. */
export function Settings() {
  const { space = '' } = useRoute().params;
  useTitle('Settings', space);
  return (
    <section class="stack" key={space}>
      <div>
        <p class="small">
          <a href="/-/">Spaces</a> / <a href={pathTo('spaces', space)}>{space}</a>
        </p>
        <h1>Settings of {space}</h1>
      </div>
      <Gate may={(me) => tabsOf(me, space).length > 0}>{(me) => <Parts me={me} space={space} />}</Gate>
    </section>
  );
}

/** Parameters of the address that belong to one tab. */
const drops = ['start', 'cursor', 'expires', 'chart', 'principal', 'action', 'outcome', 'since', 'until'];

function Parts({ me, space }: { me: WhoAmI; space: string }) {
  const tabs = tabsOf(me, space);
  const tab = useTab(tabs);
  return (
    <>
      <Tabs label={`Settings of ${space}`} tabs={tabs} drops={drops} />
      {tab === 'general' ? <General space={space} /> : null}
      {tab === 'members' ? <Members space={space} /> : null}
      {tab === 'accounts' ? <AccountList of={{ space }} /> : null}
      {tab === 'webhooks' ? <WebhookList space={space} /> : null}
      {tab === 'audit' ? <AuditList space={space} /> : null}
    </>
  );
}

function tabsOf(me: WhoAmI, space: string) {
  const { owner, webhooks, audit } = rightsIn(me, space);
  return [
    ...(owner
      ? [
          { id: 'general', label: 'General' },
          { id: 'members', label: 'Members' },
          { id: 'accounts', label: 'Service accounts' },
        ]
      : []),
    ...(webhooks ? [{ id: 'webhooks', label: 'Webhooks' }] : []),
    ...(audit ? [{ id: 'audit', label: 'Audit' }] : []),
  ];
}
