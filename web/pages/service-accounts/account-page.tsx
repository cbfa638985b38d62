import { useLocation, useRoute } from 'preact-iso';
import { type AccountRef, type AnyAccount, accountQuery, accountsOf } from '../../api/accounts.ts';
import { rightsInRegistry, rightsInSpace } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Choice, SelectField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Data } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { TokenList } from '../tokens/token-list.tsx';
import { roleOptions } from './account-list.tsx';
import { TrustRules } from './trust-rules.tsx';

/** Page of a service account: its role, tokens and trust rules. */
export function AccountPage() {
  const { space, account = '' } = useRoute().params;
  useTitle(account, 'Service accounts');
  const place = space === undefined ? {} : { space };
  const back =
    space === undefined
      ? { href: '/-/admin?tab=accounts', label: 'Administration' }
      : { href: `${pathTo('spaces', space, 'settings')}?tab=accounts`, label: `Settings of ${space}` };
  return (
    <section class="stack" key={`${space}/${account}`}>
      <div>
        <p class="small">
          <a href={back.href}>{back.label}</a>
        </p>
        <h1>Service account {account}</h1>
      </div>
      <ShowIfAllowed
        may={(me) => (space === undefined ? rightsInRegistry(me).principals : rightsInSpace(me, space).owner)}
      >
        {() => <AccountSections of={{ ...place, account }} back={back.href} />}
      </ShowIfAllowed>
    </section>
  );
}

function AccountSections({ of, back }: { of: AccountRef; back: string }) {
  const account = useData(accountQuery, of);
  return (
    <Data data={account} lines={8}>
      {(value) => (
        <div class="stack">
          <div class="row spread">
            <Facts>
              <Fact name="Role">{value.role ?? 'none'}</Fact>
              <Fact name="State">{value.disabled ? <Badge tone="warn">disabled</Badge> : 'may act'}</Fact>
              <Fact name="As a member">
                <span class="mono">{value.principal}</span>
              </Fact>
              <Fact name="Created">
                <Time at={value.createdAt} />
              </Fact>
            </Facts>
            <Actions of={of} account={value} back={back} onDone={account.reload} />
          </div>
          <TokenList owner={{ kind: 'account', ...of }} />
          <TrustRules of={of} />
        </div>
      )}
    </Data>
  );
}

function Actions({
  of,
  account: { name, role, disabled },
  back,
  onDone,
}: {
  of: AccountRef;
  account: AnyAccount;
  back: string;
  onDone: () => void;
}) {
  const { route } = useLocation();
  return (
    <div class="row">
      <FormButton
        label="Change"
        title={`Service account ${name}`}
        action="Save"
        done="The service account is saved."
        send={async (fields) => {
          await accountsOf(of).change(name, readText(fields, 'role'), fields.get('disabled') !== null);
          onDone();
        }}
      >
        <SelectField label="Role" name="role" value={role ?? ''} options={roleOptions(of)} />
        <Choice
          label="Disabled"
          name="disabled"
          value="on"
          isChosen={disabled}
          hint="It cannot act, neither by its tokens nor by its trust rules."
        />
      </FormButton>
      <ConfirmButton
        label="Delete"
        of={name}
        done={`Service account ${name} is deleted.`}
        act={async () => {
          await accountsOf(of).delete(name);
          route(back);
        }}
      >
        <p>Its tokens and trust rules go with it, and programs that act as it are refused.</p>
      </ConfirmButton>
    </div>
  );
}
