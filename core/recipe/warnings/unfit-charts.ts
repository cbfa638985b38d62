import { boundText } from '../../runtime/bound-text.ts';
import type { Plan } from '../plan.ts';
import type { Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';

/**
 * Largest length of a name, in characters. It is Helm's limit for the name of a release, and names of objects are
 * made of both.
 */
const maxReleaseNameLength = 53;

/**
 * Finds charts that Helm cannot install or lints as faulty. Names that Kubernetes may refuse in objects get a warning
 * too.
 */
export function findUnfitCharts(plan: Plan, places: readonly ChartPlace[]): Warning[] {
  return [
    ...warnOfName(plan.chart, '/save/chart', 'the new chart'),
    ...warnOfLibraryUmbrella(plan),
    ...places.flatMap((place) => [
      ...warnOfLibraryRoot(place),
      ...warnOfMissingApiVersion(place),
      ...warnOfChild(place),
    ]),
  ];
}

/**
 * Explains why Kubernetes may refuse names of objects made of a chart's name. Such names are RFC 1123 labels.
 * @returns undefined if the name is fine
 */
export function findNameFault(name: string): string | undefined {
  if (/[A-Z]/.test(name)) return 'has capital letters';
  if (/[_.]/.test(name)) return 'has underscores or dots';
  if (name.endsWith('-')) return 'ends with a hyphen';
  return name.length > maxReleaseNameLength ? `has more than ${maxReleaseNameLength} characters` : undefined;
}

function warnOfName(name: string, pointer: string, subject: string): Warning[] {
  const fault = findNameFault(name);
  if (fault === undefined) return [];
  const message = `The name of ${subject} ${fault}: most charts make names of objects of it, which Kubernetes refuses or charts cut. Use up to ${maxReleaseNameLength} small letters, digits and hyphens, or set fullnameOverride or nameOverride where the chart knows them.`;
  return [{ code: 'name.unfit', pointer, message }];
}

function warnOfChild({ node, isNode, path }: ChartPlace): Warning[] {
  return isNode && path.length > 0
    ? warnOfName(node.name, node.pointer, `the child ${boundText(node.name, maxReleaseNameLength)}`)
    : [];
}

/** Warns of a library as the root: Helm refuses to install it (action.Install, checkIfInstallable). */
function warnOfLibraryRoot({ source, path, node }: ChartPlace): Warning[] {
  if (path.length > 0 || source.manifest.type !== 'library') return [];
  const message = `The new chart cannot be installed: its root ${source.name} ${source.version} is a library chart. Use an application as the root, and the library as a child.`;
  return [{ code: 'chart.library', pointer: node.pointer, message }];
}

/** Warns of an umbrella that the recipe makes a library. */
function warnOfLibraryUmbrella({ metadata }: Plan): Warning[] {
  if (metadata?.type !== 'library') return [];
  const message =
    'The new chart cannot be installed: /save/type makes it a library chart. Leave the type out, or use the chart only as a child of others.';
  return [{ code: 'chart.library', pointer: '/save/type', message }];
}

/** Warns of a chart without apiVersion: Helm loads it as v1, `helm lint` refuses it. */
function warnOfMissingApiVersion({ source, node }: ChartPlace): Warning[] {
  if (source.manifest.apiVersion !== undefined && source.manifest.apiVersion !== '') return [];
  const message = `The Chart.yaml of ${source.name} ${source.version} has no apiVersion: Helm takes it for v1, and helm lint refuses it. Upload it with apiVersion: v2.`;
  return [{ code: 'apiVersion.missing', pointer: node.pointer, message }];
}
