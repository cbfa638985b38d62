import type { ShownToken, Token } from '@helm-registry/client';
import type { TokenOwner } from '../../api/accounts.ts';
import { registry } from '../../api/registry.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { RotateButton } from './rotate-button.tsx';

/** Milliseconds before its end from which a token is marked. */
const expiresSoonMs = 14 * 86_400_000;

/** Tokens as rows, with what can be done to them. */
export function TokenRows({
  tokens,
  owner,
  onRotated,
  onRevoked,
}: {
  tokens: readonly Token[];
  owner: TokenOwner;
  onRotated: (token: ShownToken) => void;
  onRevoked: () => void;
}) {
  const owned: readonly Column<Token>[] =
    owner.kind === 'all' ? [{ id: 'owner', label: 'Owner', cell: ({ owner }) => owner }] : [];
  const actions: Column<Token> = {
    id: 'actions',
    label: '',
    cell: (token) =>
      token.state === 'live' ? (
        <span class="row">
          {/* Nobody gets the secret of another user's token, by which it could act in that name. */}
          {owner.kind === 'all' && token.owner.startsWith('user:') ? null : (
            <RotateButton token={token} onDone={onRotated} />
          )}
          <ConfirmButton
            size="small"
            label="Revoke"
            of={token.name}
            done={`Token ${token.name} is revoked.`}
            act={async () => {
              await registry.tokens.revoke(token.id);
              onRevoked();
            }}
          >
            <p>
              The next request with it is refused, and so are those with tokens that were made with it. This
              cannot be undone.
            </p>
          </ConfirmButton>
        </span>
      ) : null,
  };
  const [name, ...others] = columns;
  return (
    <Table
      label="Tokens"
      columns={[...(name ? [name] : []), ...owned, ...others, actions]}
      rows={tokens}
      keyOf={({ id }) => id}
    />
  );
}

const columns: readonly Column<Token>[] = [
  {
    id: 'name',
    label: 'Name',
    cell: ({ name, state, expiresAt, previousUntil }) => (
      <span class="row">
        {name}
        {state === 'live' ? null : <Badge>{state}</Badge>}
        {state === 'live' && Date.parse(expiresAt) - Date.now() < expiresSoonMs ? (
          <Badge tone="warn">expires soon</Badge>
        ) : null}
        {state === 'live' && previousUntil !== null && Date.parse(previousUntil) > Date.now() ? (
          <Badge tone="accent" title="The secret before its rotation is still accepted">
            two secrets
          </Badge>
        ) : null}
      </span>
    ),
  },
  { id: 'bounds', label: 'May', cell: (token) => describeBounds(token) },
  {
    id: 'used',
    label: 'Last used',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span class="muted">never</span> : <Time at={lastUsedAt} />,
  },
  { id: 'created', label: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'expires', label: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
];

/** Says to what a token is narrowed. */
export function describeBounds({ role, spaces, charts }: Pick<Token, 'role' | 'spaces' | 'charts'>): string {
  if (role === null && spaces === null && charts === null) return 'all that its owner may';
  return [
    role === null ? 'act as its owner' : `act as ${role}`,
    ...(spaces === null ? [] : [`in ${spaces.join(', ') || 'no space'}`]),
    ...(charts === null ? [] : [`on ${charts.join(', ')}`]),
  ].join(' ');
}
