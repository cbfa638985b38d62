import { type AccountPlace, type AnyAccount, accountsOf, accountsQuery } from '../../api/accounts.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo, useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';

const limit = 50;

/** Address of the page of a service account. */
export const pathToAccount = ({ space }: AccountPlace, account: string) =>
  space === undefined ? pathTo('admin', 'accounts', account) : pathTo('spaces', space, 'accounts', account);

/** Service accounts of a space or the registry. Each has a page for its tokens and trust rules. */
export function AccountList({ of }: { of: AccountPlace }) {
  const start = readStart(useAddress().query.start);
  const accounts = useData(accountsQuery, { of, page: { start, limit } });
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Service accounts</h2>
        <NewAccountButton of={of} onDone={accounts.reload} />
      </div>
      <Data data={accounts} lines={4}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title="No service accounts yet">
              <p>A program such as a CI job acts as a service account, by a token or by a trust rule.</p>
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table
                  label="Service accounts"
                  columns={columnsOf(of)}
                  rows={items}
                  keyOf={({ name }) => name}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="service accounts" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function columnsOf(of: AccountPlace): readonly Column<AnyAccount>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      cell: ({ name, disabled }) => (
        <span class="row">
          <a href={pathToAccount(of, name)}>{name}</a>
          {disabled ? <Badge tone="warn">disabled</Badge> : null}
        </span>
      ),
    },
    { id: 'role', label: 'Role', cell: ({ role }) => role ?? <span class="muted">none</span> },
    { id: 'created', label: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

/** Lists the texts of the roles that accounts of a place may have. */
export function roleOptions(of: AccountPlace): Readonly<Record<string, string>> {
  return {
    '': of.space === undefined ? 'none (give it roles in spaces)' : 'none',
    ...Object.fromEntries(accountsOf(of).roles.map((role) => [role, role])),
  };
}

function NewAccountButton({ of, onDone }: { of: AccountPlace; onDone: () => void }) {
  return (
    <FormButton
      label="New service account"
      title="New service account"
      action="Create"
      kind="primary"
      done="The service account is created."
      send={async (fields) => {
        await accountsOf(of).create(readText(fields, 'name'), readText(fields, 'role'));
        onDone();
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        hint="Small letters, digits and hyphens, such as ci."
      />
      <SelectField label="Role" name="role" options={roleOptions(of)} />
    </FormButton>
  );
}
