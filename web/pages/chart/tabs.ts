import type { FullVersionDetails } from '@helm-registry/client';
import type { Tab } from '../../parts/tabs.tsx';

/** Parameters of the address that belong to one tab. */
export const tabParameters = ['path', 'line', 'view', 'q', 'to', 'from', 'range', 'releases', 'start'];

/** Lists the tabs of a version's page; those without anything to show are left out. */
export function listTabs(details: FullVersionDetails, versions: number | undefined): Tab[] {
  const { counts } = details;
  return [
    { id: 'readme', label: 'README' },
    { id: 'install', label: 'Install' },
    { id: 'values', label: 'Values' },
    { id: 'templates', label: 'Templates', count: counts.templates + counts.crds },
    { id: 'files', label: 'Files', count: counts.files },
    { id: 'dependencies', label: 'Dependencies', ...(counts.subcharts > 0 && { count: counts.subcharts }) },
    { id: 'versions', label: 'Versions', count: versions },
    { id: 'compare', label: 'Compare' },
    { id: 'lineage', label: details.composed ? 'Made from' : 'Made into' },
    { id: 'provenance', label: 'Signatures' },
  ];
}
