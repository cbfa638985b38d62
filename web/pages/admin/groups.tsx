import type { Group } from '@helm-registry/client';
import { groupsQuery } from '../../api/principals.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo, useAddress } from '../../parts/address.ts';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { RegistryRoleField, readRegistryRole } from './registry-role.tsx';

const limit = 50;

/** Groups of users, each with a page of its own. */
export function Groups() {
  const start = readStart(useAddress().query.start);
  const groups = useData(groupsQuery, { start, limit });
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Groups</h2>
        <NewGroupButton onDone={groups.reload} />
      </div>
      <Data data={groups} lines={4}>
        {({ items, total }) =>
          total === 0 ? (
            <Empty title="No groups yet">
              <p>A group is made a member of spaces like a user, and its users have its roles.</p>
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table label="Groups" columns={columns} rows={items} keyOf={({ name }) => name} />
              </div>
              <Pager start={start} limit={limit} total={total} of="groups" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

const columns: readonly Column<Group>[] = [
  {
    id: 'name',
    label: 'Name',
    cell: ({ name }) => <a href={pathTo('admin', 'groups', name)}>{name}</a>,
  },
  { id: 'role', label: 'Role', cell: ({ role }) => role ?? <span class="muted">none</span> },
  { id: 'members', label: 'Users', isNumber: true, cell: ({ members }) => members },
  { id: 'created', label: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function NewGroupButton({ onDone }: { onDone: () => void }) {
  return (
    <FormButton
      label="New group"
      title="New group"
      action="Create the group"
      kind="primary"
      done="The group is created."
      send={async (fields) => {
        await registry.groups.create(readText(fields, 'name'), readRegistryRole(fields));
        onDone();
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={200}
        hint="With the name of a group at the provider it gets the users whose claim names it, as they log in."
      />
      <RegistryRoleField current={null} />
    </FormButton>
  );
}
