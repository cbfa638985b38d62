import type { KnownCaller } from '@helm-registry/client';
import { isKnownCaller } from '../../api/rights.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { TokenList } from '../tokens/token-list.tsx';
import { PasswordForm } from './password-form.tsx';
import { RolesInSpaces } from './roles-in-spaces.tsx';

const credentialTexts: Readonly<Record<KnownCaller['credential'], string>> = {
  session: 'this browser',
  password: 'a password',
  token: 'a token',
  registryToken: 'a token of an OCI client',
  workload: 'a token of a workload',
};

/** Page of the reader: who it is, its roles, its tokens and its password. */
export function Account() {
  useTitle('Your account');
  return (
    <section class="stack">
      <h1>Your account</h1>
      <ShowIfAllowed may={isKnownCaller}>
        {(me) => (isKnownCaller(me) ? <AccountSections me={me} /> : null)}
      </ShowIfAllowed>
    </section>
  );
}

function AccountSections({ me }: { me: KnownCaller }) {
  const { kind, name, credential, registryRoles } = me;
  return (
    <div class="stack">
      <Facts>
        <Fact name={kind === 'user' ? 'User' : 'Service account'}>
          <strong>{name}</strong>
        </Fact>
        <Fact name="Logged in with">{credentialTexts[credential]}</Fact>
        <Fact name="Role in the registry">{registryRoles.join(', ') || 'none'}</Fact>
      </Facts>
      <RolesInSpaces me={me} />
      {kind === 'user' ? (
        <details class="fold">
          <summary>Change your password</summary>
          <PasswordForm name={name} />
        </details>
      ) : null}
      <TokenList owner={{ kind: 'self' }} />
    </div>
  );
}
