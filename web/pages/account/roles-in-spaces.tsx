import type { KnownCaller } from '@helm-registry/client';
import { rightsInRegistry } from '../../api/rights.ts';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { NewSpaceButton } from '../space/new-space.tsx';

/** Spaces that are shown at first. */
const initialSpaceCount = 12;

/** Roles of the reader in spaces, by itself or by a group. */
export function RolesInSpaces({ me }: { me: KnownCaller }) {
  const { spaces, registryRoles } = me;
  const hasAll = registryRoles.includes('admin');
  const [first, others] = [spaces.slice(0, initialSpaceCount), spaces.slice(initialSpaceCount)];
  return (
    <section class="stack roles">
      <div class="row spread">
        <h2>Roles in spaces</h2>
        {rightsInRegistry(me).spaces ? <NewSpaceButton /> : null}
      </div>
      {hasAll ? <p>As an admin you own every space.</p> : null}
      {spaces.length === 0 && !hasAll ? (
        <p class="muted">None. An owner of a space, or an admin, can make you a member.</p>
      ) : null}
      {first.length > 0 ? <Roles spaces={first} /> : null}
      {others.length > 0 ? (
        <details class="fold">
          <summary>{describeCount(others.length, 'more space')}</summary>
          <Roles spaces={others} />
        </details>
      ) : null}
    </section>
  );
}

function Roles({ spaces }: Pick<KnownCaller, 'spaces'>) {
  return (
    <ul class="row">
      {spaces.map(({ space, role }) => (
        <li key={space} class="row">
          <a href={pathTo('spaces', space)}>{space}</a> <Badge>{role}</Badge>
        </li>
      ))}
    </ul>
  );
}
