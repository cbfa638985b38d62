import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type AccountRef, accountsOf } from '../../api/accounts.ts';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';

/** Most claims of a rule. */
const maxClaims = 20;

/** Button with the form of a new trust rule: issuer, audience, and claims. */
export function NewTrustRuleButton({ of, onDone }: { of: AccountRef; onDone: () => void }) {
  return (
    <FormButton
      label="New trust rule"
      title="New trust rule"
      action="Create the rule"
      kind="primary"
      done="The trust rule is created."
      send={async (fields) => {
        await accountsOf(of).createTrustRule(of.account, {
          issuer: readText(fields, 'issuer'),
          audience: readText(fields, 'audience'),
          claims: readClaims(fields),
        });
        onDone();
      }}
    >
      <TextField
        label="Issuer"
        name="issuer"
        type="url"
        required
        placeholder="https://token.actions.githubusercontent.com"
        hint="Address of the provider that signs the tokens."
      />
      <TextField
        label="Audience"
        name="audience"
        required
        defaultValue={location.host}
        hint="Whom the tokens are for; the job asks for tokens with it."
      />
      <ClaimFields />
    </FormButton>
  );
}

/** Fields of claims, a pair for each. */
function ClaimFields() {
  const count = useSignal(2);
  const id = useId();
  return (
    <fieldset class="choices stack">
      <legend>Claims that must have exactly these values</legend>
      <p class="hint">
        Name what nobody else can get, such as <code>repository_id</code> together with <code>ref</code>.
      </p>
      {Array.from({ length: count.value }, (_, at) => (
        <div key={at} class="claim-fields">
          <input
            class="input"
            name="claims"
            aria-label={`Name of claim ${at + 1}`}
            placeholder={at === 0 ? 'repository_id' : at === 1 ? 'ref' : 'claim'}
            required={at === 0}
            spellcheck={false}
          />
          <input
            class="input"
            name="values"
            aria-label={`Value of claim ${at + 1}`}
            placeholder={at === 0 ? '123456' : at === 1 ? 'refs/heads/main' : 'value'}
            required={at === 0}
            spellcheck={false}
          />
        </div>
      ))}
      {count.value < maxClaims ? (
        <div>
          <Button
            size="small"
            id={id}
            onClick={() => {
              count.value += 1;
            }}
          >
            Another claim
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}

function readClaims(fields: FormData): Record<string, string> {
  const values = fields.getAll('values');
  const pairs = fields
    .getAll('claims')
    .map((name, at) => [String(name).trim(), String(values[at] ?? '').trim()]);
  return Object.fromEntries(pairs.filter(([name]) => name !== ''));
}
