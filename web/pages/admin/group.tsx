import { useLocation, useRoute } from 'preact-iso';
import { groupQuery } from '../../api/principals.ts';
import { registry } from '../../api/registry.ts';
import { rightsInRegistry } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { describeCount } from '../../parts/bytes.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Data } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { GroupMembers } from './group-members.tsx';
import { RegistryRoleField, readRegistryRole } from './registry-role.tsx';

const groupListPath = '/-/admin?tab=groups';

/** Page of a group: its role in the registry, and its users. */
export function Group() {
  const { group = '' } = useRoute().params;
  useTitle(group, 'Groups');
  return (
    <section class="stack" key={group}>
      <div>
        <p class="small">
          <a href={groupListPath}>Administration</a>
        </p>
        <h1>Group {group}</h1>
      </div>
      <ShowIfAllowed may={(me) => rightsInRegistry(me).principals}>
        {() => <GroupSections name={group} />}
      </ShowIfAllowed>
    </section>
  );
}

function GroupSections({ name }: { name: string }) {
  const group = useData(groupQuery, name);
  const { route } = useLocation();
  return (
    <Data data={group} lines={6}>
      {({ role, members, createdAt }) => (
        <div class="stack">
          <div class="row spread">
            <Facts>
              <Fact name="Role in the registry">{role ?? 'none'}</Fact>
              <Fact name="As a member">
                <span class="mono">group:{name}</span>
              </Fact>
              <Fact name="Created">
                <Time at={createdAt} />
              </Fact>
            </Facts>
            <div class="row">
              <FormButton
                label="Change the role"
                title={`Role of group ${name}`}
                action="Save"
                done="The role is saved."
                send={async (fields) => {
                  await registry.groups.setRole(name, readRegistryRole(fields));
                  group.reload();
                }}
              >
                <RegistryRoleField current={role} />
              </FormButton>
              <ConfirmButton
                label="Delete"
                of={name}
                done={`Group ${name} is deleted.`}
                act={async () => {
                  await registry.groups.delete(name);
                  route(groupListPath);
                }}
              >
                <p>Its {describeCount(members, 'user')} stay, without the rights that they had by it.</p>
              </ConfirmButton>
            </div>
          </div>
          <GroupMembers group={name} onChanged={group.reload} />
        </div>
      )}
    </Data>
  );
}
