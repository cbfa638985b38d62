import { Copyable } from '../../../parts/copy-button.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { listInstallations, writeDependency } from './commands.ts';

/** Tab with the commands that install a version, by each interface. */
export function Install({ details }: TabProperties) {
  return (
    <div class="install stack">
      {listInstallations(details, location).map(({ id, name, about, commands }) => (
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
