import type { WhoAmI } from '@helm-registry/client';
import { rightsInRegistry } from '../../api/rights.ts';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { AuditList } from '../audit/audit-list.tsx';
import { AccountList } from '../service-accounts/account-list.tsx';
import { TokenList } from '../tokens/token-list.tsx';
import { Groups } from './groups.tsx';
import { Users } from './users.tsx';

/**
 * Administration of the registry. Admins have users, groups, service accounts and tokens; auditors have the audit
 * too.
 */
export function Admin() {
  useTitle('Administration');
  return (
    <section class="stack">
      <h1>Administration</h1>
      <ShowIfAllowed may={(me) => tabsOf(me).length > 0}>{(me) => <AdminTabs me={me} />}</ShowIfAllowed>
    </section>
  );
}

/** Parameters of the address that belong to one tab. */
const adminTabParameters = [
  'start',
  'cursor',
  'expires',
  'space',
  'chart',
  'principal',
  'action',
  'outcome',
  'since',
  'until',
];

function AdminTabs({ me }: { me: WhoAmI }) {
  const tabs = tabsOf(me);
  const tab = useTab(tabs);
  return (
    <>
      <Tabs label="Administration" tabs={tabs} drops={adminTabParameters} />
      {tab === 'users' ? <Users /> : null}
      {tab === 'groups' ? <Groups /> : null}
      {tab === 'accounts' ? <AccountList of={{}} /> : null}
      {tab === 'tokens' ? <TokenList owner={{ kind: 'all' }} /> : null}
      {tab === 'audit' ? <AuditList /> : null}
    </>
  );
}

function tabsOf(me: WhoAmI) {
  const { principals, audit } = rightsInRegistry(me);
  return [
    ...(principals
      ? [
          { id: 'users', label: 'Users' },
          { id: 'groups', label: 'Groups' },
          { id: 'accounts', label: 'Service accounts' },
          { id: 'tokens', label: 'Tokens' },
        ]
      : []),
    ...(audit ? [{ id: 'audit', label: 'Audit' }] : []),
  ];
}
