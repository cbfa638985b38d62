import type { User } from '@helm-registry/client';
import { usersQuery } from '../../api/principals.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { EditUserButton, NewUserButton } from './user-forms.tsx';

const limit = 50;

const logins: Readonly<Record<User['login'], string>> = {
  password: 'password',
  provider: 'provider',
  none: 'tokens only',
};

/** Users of the registry: create, change, delete. */
export function Users() {
  const start = readStart(useAddress().query.start);
  const users = useData(usersQuery, { start, limit });
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Users</h2>
        <NewUserButton onDone={users.reload} />
      </div>
      <Data data={users} lines={6}>
        {({ items, total }) => (
          <div>
            <div class="card">
              <Table
                label="Users"
                columns={columnsOf(users.reload)}
                rows={items}
                keyOf={({ name }) => name}
              />
            </div>
            <Pager start={start} limit={limit} total={total} of="users" />
          </div>
        )}
      </Data>
    </section>
  );
}

function columnsOf(onDone: () => void): readonly Column<User>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      cell: ({ name, disabled }) => (
        <span class="row">
          {name} {disabled ? <Badge tone="warn">disabled</Badge> : null}
        </span>
      ),
    },
    { id: 'role', label: 'Role', cell: ({ role }) => role ?? <span class="muted">none</span> },
    {
      id: 'login',
      label: 'Logs in by',
      cell: ({ login, issuer }) => <span title={issuer ?? undefined}>{logins[login]}</span>,
    },
    { id: 'created', label: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: 'actions',
      label: '',
      cell: (user) => (
        <span class="row">
          <EditUserButton user={user} onDone={onDone} />
          <ConfirmButton
            size="small"
            label="Delete"
            of={user.name}
            done={`User ${user.name} is deleted.`}
            act={async () => {
              await registry.users.delete(user.name);
              onDone();
            }}
          >
            <p>
              Its tokens and roles go with it. Its name stays with what it made, and in the audit. To keep it
              from acting for a while, disable it instead.
            </p>
          </ConfirmButton>
        </span>
      ),
    },
  ];
}
