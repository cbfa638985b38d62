import type { ShownToken } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { type TokenOwner, tokensQuery } from '../../api/accounts.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { SecretNote } from '../../parts/secret-note.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { NewTokenButton } from './new-token.tsx';
import { TokenRows } from './token-rows.tsx';

const limit = 25;

/** Days of the filter for tokens that expire soon. */
const expiryFilterDays = ['7', '30', '90'] as const;

/** Tokens of an owner: list, create, rotate, revoke. The text of a new one is shown once, above the list. */
export function TokenList({ owner }: { owner: TokenOwner }) {
  const { query, change, href } = useAddress();
  const start = readStart(query.start);
  const days = readKnownWord(expiryFilterDays, query.expires);
  const filter = days === undefined ? {} : { expiresWithin: Number(days) };
  const tokens = useData(tokensQuery, { owner, filter, page: { start, limit } });
  const shown = useSignal<ShownToken | undefined>(undefined);
  const show = (token: ShownToken) => {
    shown.value = token;
    tokens.reload();
  };
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Tokens</h2>
        <div class="row">
          <select
            class="select"
            aria-label="Which tokens"
            value={days ?? ''}
            onChange={({ currentTarget: { value } }) => change({ expires: value, start: undefined })}
          >
            <option value="">All tokens</option>
            {expiryFilterDays.map((term) => (
              <option key={term} value={term}>
                Expire within {term} days
              </option>
            ))}
          </select>
          {owner.kind === 'all' ? null : <NewTokenButton owner={owner} onDone={show} />}
        </div>
      </div>
      {shown.value ? (
        <NewTokenNote
          token={shown.value}
          onDone={() => {
            shown.value = undefined;
          }}
        />
      ) : null}
      <Data data={tokens} lines={4}>
        {({ items, total }) =>
          total === 0 ? (
            <Empty title={days === undefined ? 'No tokens yet' : `None expires within ${days} days`}>
              {days === undefined ? (
                <p>A token lets a program act, with no more rights than its owner has at that moment.</p>
              ) : (
                <a href={href({ expires: undefined, start: undefined })}>Show all tokens</a>
              )}
            </Empty>
          ) : (
            <div>
              <div class="card">
                <TokenRows tokens={items} owner={owner} onRotated={show} onRevoked={tokens.reload} />
              </div>
              <Pager start={start} limit={limit} total={total} of="tokens" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function NewTokenNote({ token: { name, token }, onDone }: { token: ShownToken; onDone: () => void }) {
  const { host, protocol } = location;
  const plain = protocol === 'http:' ? ' --plain-http' : '';
  return (
    <SecretNote title={`Token ${name}`} secret={token} label={`token ${name}`} onDone={onDone}>
      <details class="fold">
        <summary>Use it with Helm</summary>
        <div class="stack">
          <p class="small muted">Helm asks for the token. Any user name will do.</p>
          <Copyable text={`helm registry login ${host} --username token${plain}`} label="log in with Helm" />
        </div>
      </details>
    </SecretNote>
  );
}
