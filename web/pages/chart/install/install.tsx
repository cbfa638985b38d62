import { spaceQuery, whoAmIQuery } from '../../../api/lists.ts';
import { useData } from '../../../api/use-data.ts';
import { Copyable } from '../../../parts/copy-button.tsx';
import { Skeleton } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { listInstallWays, writeDependency } from './commands.ts';

/**
 * Tab with the commands that install a version, by each interface. For a space that is not public they log in first.
 */
export function Install({ details }: TabProperties) {
  const space = useData(spaceQuery, details.space);
  const { value: me } = useData(whoAmIQuery, 'me');
  const isHidden = space.value?.visibility !== undefined && space.value.visibility !== 'public';
  const user = isHidden && me && 'name' in me ? me.name : undefined;
  // Commands that change after a moment may have been copied already.
  if (!me || (!space.value && !space.problem)) return <Skeleton lines={12} />;
  return (
    <div class="install stack">
      {user === undefined ? null : (
        <p class="note">
          This space is not public: the commands ask for your password, or take a token in its place.
        </p>
      )}
      {listInstallWays(details, location, user).map(({ id, name, about, commands }) => (
        <section key={id} class="card" aria-labelledby={`install-${id}`}>
          <header>
            <h2 id={`install-${id}`}>{name}</h2>
            <span class="small muted">{about}</span>
          </header>
          <div class="card-body stack">
            {commands.map(({ does, text }) => (
              <div key={text}>
                <p class="small muted">{does}</p>
                <Copyable text={text} label={`${name}: ${does}`} />
              </div>
            ))}
          </div>
        </section>
      ))}
      <section class="card" aria-labelledby="install-dependency">
        <header>
          <h2 id="install-dependency">As a dependency</h2>
          <span class="small muted">In the Chart.yaml of another chart.</span>
        </header>
        <div class="card-body">
          <Copyable text={writeDependency(details, location)} label="entry of dependencies" />
        </div>
      </section>
    </div>
  );
}
