import type { TrustRule } from '@helm-registry/client';
import { type AccountRef, accountsOf, trustRulesQuery } from '../../api/accounts.ts';
import { useData } from '../../api/use-data.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { NewTrustRuleButton } from './new-trust-rule.tsx';
import './service-accounts.css';

/** Workloads that act as a service account without a secret. */
export function TrustRules({ of }: { of: AccountRef }) {
  const rules = useData(trustRulesQuery, of);
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Trust rules</h2>
        <NewTrustRuleButton of={of} onDone={rules.reload} />
      </div>
      <Data data={rules} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No trust rules">
              <p>
                A CI job whose provider signs a token for it (GitHub Actions, GitLab and others) acts as this
                account without a secret, if a rule names it.
              </p>
            </Empty>
          ) : (
            <div class="card">
              <Table
                label="Trust rules"
                columns={columnsOf(of, rules.reload)}
                rows={items}
                keyOf={({ id }) => id}
              />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function columnsOf(of: AccountRef, onDone: () => void): readonly Column<TrustRule>[] {
  return [
    { id: 'issuer', label: 'Issuer', cell: ({ issuer }) => issuer },
    { id: 'audience', label: 'Audience', cell: ({ audience }) => audience },
    {
      id: 'claims',
      label: 'Claims',
      cell: ({ claims }) => (
        <ul class="stack claims">
          {Object.entries(claims).map(([name, value]) => (
            <li key={name} class="mono">
              {name} = {value}
            </li>
          ))}
        </ul>
      ),
    },
    { id: 'created', label: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: 'actions',
      label: '',
      cell: ({ id, issuer, claims }) => (
        <ConfirmButton
          size="small"
          label="Delete"
          of={`the rule for ${issuer}`}
          done="The trust rule is deleted."
          act={async () => {
            await accountsOf(of).deleteTrustRule(of.account, id);
            onDone();
          }}
        >
          <p>
            Workloads with{' '}
            {Object.entries(claims)
              .map(([name, value]) => `${name} = ${value}`)
              .join(', ')}{' '}
            are refused from then on.
          </p>
        </ConfirmButton>
      ),
    },
  ];
}
