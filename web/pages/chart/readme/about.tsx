import type { AnnotatedLink, FullVersionDetails } from '@helm-registry/client';
import type { CleanDetails } from '../../../api/clean-details.ts';
import { pathTo } from '../../../parts/address.ts';
import { pathToChart } from '../../../parts/chart-address.ts';
import { Copyable } from '../../../parts/copy-button.tsx';
import { listInstallWays } from '../install/commands.ts';
import { Changes } from './changes.tsx';
import { Fact, FactList } from './facts.tsx';
import { OutsideLink } from './outside-link.tsx';
import { readLicense } from './read-license.ts';

/** Facts of Chart.yaml: versions, licence, links, maintainers, keywords, and what annotations say. */
export function About({ details }: { details: CleanDetails }) {
  const { appVersion, kubeVersion, home, sources, maintainers, keywords, annotationLists } = details;
  return (
    <section class="about stack" aria-label="Facts">
      <InstallCommand details={details} />
      <dl>
        <Fact name="App version">{appVersion}</Fact>
        <Fact name="Kubernetes">{kubeVersion}</Fact>
        <Fact name="Licence">
          <License details={details} />
        </Fact>
        <Fact name="Home">{home ? <OutsideLink address={home} /> : null}</Fact>
        <FactList name="Sources" items={sources} show={(address) => <OutsideLink address={address} />} />
        <FactList name="Links" items={annotationLists.links} show={showLink} />
        <FactList
          name="Maintainers"
          items={maintainers}
          show={({ name, email, url }) =>
            url || email ? <OutsideLink address={url || `mailto:${email}`} name={name} /> : <bdi>{name}</bdi>
          }
        />
        <FactList name="Keywords" items={keywords} inline show={(keyword) => <Keyword keyword={keyword} />} />
        <FactList name="Images" items={annotationLists.images} show={(image) => <code>{image}</code>} />
        <FactList name="Screenshots" items={annotationLists.screenshots} show={showLink} />
      </dl>
      <Changes changes={annotationLists.changes} />
    </section>
  );
}

function InstallCommand({ details }: { details: FullVersionDetails }) {
  const command = listInstallWays(details, location).at(0)?.commands.at(-1);
  if (!command) return null;
  const { space, chart, version } = details;
  return (
    <div>
      {/* An option a line: there is little room. */}
      <Copyable text={command.text.replaceAll(' --', ' \\\n  --')} label="command that installs" />
      <a class="small" href={pathToChart(space, chart, version, { tab: 'install' })}>
        More ways to install
      </a>
    </div>
  );
}

function License({
  details: { space, chart, version, files, annotations },
}: {
  details: FullVersionDetails;
}) {
  const named = readLicense(annotations);
  const path = files.license;
  const text = <bdi>{named ?? path}</bdi>;
  if (path === undefined) return named ? text : null;
  return <a href={pathToChart(space, chart, version, { tab: 'files', path })}>{text}</a>;
}

/** Longest keyword that can be searched for. */
const maxKeyword = 250;

function Keyword({ keyword }: { keyword: string }) {
  if (keyword.length > maxKeyword) return <bdi class="keyword">{keyword}</bdi>;
  return (
    <a class="keyword" href={`${pathTo('search')}?keyword=${encodeURIComponent(keyword)}`}>
      <bdi>{keyword}</bdi>
    </a>
  );
}

function showLink({ name, url }: AnnotatedLink) {
  return <OutsideLink address={url} name={name} />;
}
