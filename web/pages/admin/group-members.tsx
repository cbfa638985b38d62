import type { GroupMember } from '@helm-registry/client';
import { groupMembersQuery } from '../../api/principals.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';

const limit = 50;

/** Users of a group: add, remove. */
export function GroupMembers({ group, onChanged }: { group: string; onChanged: () => void }) {
  const start = readStart(useAddress().query.start);
  const members = useData(groupMembersQuery, { group, page: { start, limit } });
  const done = () => {
    members.reload();
    onChanged();
  };
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Users</h2>
        <FormButton
          label="Add a user"
          title={`New user of ${group}`}
          action="Add"
          kind="primary"
          done="The user is added."
          send={async (fields) => {
            await registry.groups.addMember(group, readText(fields, 'user'));
            done();
          }}
        >
          <TextField label="Name" name="user" required />
        </FormButton>
      </div>
      <Data data={members} lines={3}>
        {({ items, total }) =>
          total === 0 ? (
            <Empty title="No users in this group" />
          ) : (
            <div>
              <div class="card">
                <Table
                  label={`Users of ${group}`}
                  columns={columnsOf(group, done)}
                  rows={items}
                  keyOf={({ user }) => user}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="users" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function columnsOf(group: string, onDone: () => void): readonly Column<GroupMember>[] {
  return [
    {
      id: 'user',
      label: 'Name',
      cell: ({ user, fromClaim }) => (
        <span class="row">
          {user} {fromClaim ? <Badge title="A claim of the provider made it a member">by claim</Badge> : null}
        </span>
      ),
    },
    {
      id: 'actions',
      label: '',
      cell: ({ user }) => (
        <ConfirmButton
          size="small"
          label="Remove"
          of={user}
          done={`${user} is no longer in ${group}.`}
          act={async () => {
            await registry.groups.removeMember(group, user);
            onDone();
          }}
        >
          <p>
            {user} loses the rights that come by {group}. It can be added again.
          </p>
        </ConfirmButton>
      ),
    },
  ];
}
