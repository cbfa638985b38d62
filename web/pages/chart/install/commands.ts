import type { VersionRef } from '@helm-registry/client';
import { quoteForShell } from '../../../parts/values/set-argument.ts';

/** Command with what it does. */
export interface Command {
  does: string;
  text: string;
}

/** Way to install a chart. */
export interface InstallWay {
  id: 'oci' | 'repository' | 'chartmuseum';
  name: string;
  about: string;
  commands: readonly Command[];
}

/** Spaces that are not chart repositories, since other interfaces have their paths. */
const spacesWithoutRepository = new Set(['api', 'v2']);

/**
 * Lists the ways to install a version from this registry. The address is that at which the page is read.
 * @param user name of the reader where the space is not public: then the commands log in first
 */
export function listInstallWays(
  { space, chart, version, type = 'application' }: VersionRef & { type?: string },
  { origin, host, protocol }: Pick<Location, 'origin' | 'host' | 'protocol'>,
  user?: string,
): InstallWay[] {
  const isLibrary = type === 'library';
  const exact = `--version ${quoteForShell(version)}`;
  const plain = protocol === 'http:' ? ' --plain-http' : '';
  const oci = quoteForShell(`oci://${host}/${space}/${chart}`);
  const named = user === undefined ? '' : ` --username ${quoteForShell(user)}`;
  const basic = user === undefined ? '' : ` -u ${quoteForShell(user)}`;
  const release = quoteForShell(toReleaseName(chart));
  const take = (from: string, options = '') =>
    isLibrary ? `helm pull ${from} ${exact}${options}` : `helm install ${release} ${from} ${exact}${options}`;
  const does = isLibrary ? 'Pull' : 'Install';
  const repository: InstallWay = {
    id: 'repository',
    name: 'Helm repository',
    about: `Every space is a chart repository.`,
    commands: [
      { does: 'Add the repository, once', text: `helm repo add ${space} ${origin}/${space}${named}` },
      { does: 'Read its newest index', text: `helm repo update ${space}` },
      { does, text: take(`${space}/${chart}`) },
    ],
  };
  const ways: InstallWay[] = [
    {
      id: 'oci',
      name: 'OCI',
      about: 'Nothing needs to be added or updated.',
      commands: [
        ...(user === undefined
          ? []
          : [{ does: 'Log in, once', text: `helm registry login ${host}${named}${plain}` }]),
        { does: 'See its values', text: `helm show values ${oci} ${exact}${plain}` },
        { does, text: take(oci, plain) },
      ],
    },
    ...(spacesWithoutRepository.has(space) ? [] : [repository]),
    {
      id: 'chartmuseum',
      name: 'ChartMuseum',
      about: 'For clients and scripts that were made for ChartMuseum.',
      commands: [
        {
          does: 'Read the entry',
          text: `curl -fsS${basic} ${quoteForShell(chartMuseumUrl(origin, space, chart, version))}`,
        },
        {
          does: 'Download the archive',
          text: `curl -fsSO${basic} ${quoteForShell(`${origin}/${space}/charts/${chart}-${version}.tgz`)}`,
        },
      ],
    },
  ];
  // Repositories of OCI are in lower case.
  return ways.filter(({ id }) => id !== 'oci' || oci === oci.toLowerCase());
}

/** Writes a chart as the entry of another one's dependencies. */
export function writeDependency(
  { space, chart, version }: VersionRef,
  { origin }: Pick<Location, 'origin'>,
): string {
  const entry = [
    `- name: ${chart}`,
    `  version: ${JSON.stringify(version)}`,
    `  repository: ${origin}/${space}`,
  ];
  return ['dependencies:', ...entry.map((line) => `  ${line}`)].join('\n');
}

function chartMuseumUrl(origin: string, space: string, chart: string, version: string): string {
  return `${origin}/api/${space}/charts/${chart}/${encodeURIComponent(version)}`;
}

// Names of releases are DNS labels.
function toReleaseName(chart: string): string {
  const name = chart
    .toLowerCase()
    .replaceAll(/[^a-z\d-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 53);
  return name || 'my-release';
}
