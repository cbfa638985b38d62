import type { Member } from '@helm-registry/client';
import { membersQuery } from '../../api/members.ts';
import { registry } from '../../api/registry.ts';
import { spaceRoles } from '../../api/roles.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { NewMemberButton } from './new-member.tsx';
import { describePrincipal } from './principals.ts';
import { RoleField } from './role-field.tsx';

const limit = 50;

/** Members of a space with their roles: add, change, remove. */
export function Members({ space }: { space: string }) {
  const start = readStart(useAddress().query.start);
  const members = useData(membersQuery, { space, page: { start, limit } });
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Members</h2>
        <NewMemberButton space={space} onDone={members.reload} />
      </div>
      <Data data={members} lines={4}>
        {({ items, total }) =>
          total === 0 ? (
            <Empty title="Nobody is a member">
              <p>Admins of the registry own every space, and who reads this one depends on its visibility.</p>
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table
                  label={`Members of ${space}`}
                  columns={columnsOf(space, members.reload)}
                  rows={items}
                  keyOf={({ principal }) => principal}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="members" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function columnsOf(space: string, onDone: () => void): readonly Column<Member>[] {
  const { members } = registry.space(space);
  return [
    {
      id: 'name',
      label: 'Name',
      cell: ({ principal, disabled }) => (
        <span class="row">
          {describePrincipal(principal).name} {disabled ? <Badge tone="warn">disabled</Badge> : null}
        </span>
      ),
    },
    { id: 'kind', label: 'Kind', cell: ({ principal }) => describePrincipal(principal).kind },
    { id: 'role', label: 'Role', cell: ({ role }) => role },
    {
      id: 'actions',
      label: '',
      cell: ({ principal, role }) => {
        const { name } = describePrincipal(principal);
        return (
          <span class="row">
            <FormButton
              label="Change"
              of={`the role of ${name}`}
              title={`Role of ${name}`}
              action="Save"
              size="small"
              done={`The role of ${name} is saved.`}
              send={async (fields) => {
                await members.set(principal, readKnownWord(spaceRoles, readText(fields, 'role')) ?? role);
                onDone();
              }}
            >
              <RoleField current={role} />
            </FormButton>
            <ConfirmButton
              size="small"
              label="Remove"
              of={name}
              done={`${name} is no longer a member.`}
              act={async () => {
                await members.remove(principal);
                onDone();
              }}
            >
              <p>
                {name} loses the role {role} in {space}. It can be given again.
              </p>
            </ConfirmButton>
          </span>
        );
      },
    },
  ];
}
