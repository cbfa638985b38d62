import type { ComponentType } from 'preact';
import './chart-tabs.css';
import { createQuery } from '../../api/query.ts';
import { useData } from '../../api/use-data.ts';
import { Data } from '../../parts/states.tsx';
import type { VersionsTabProperties } from './tab-properties.ts';

/** Code of the tabs, loaded when they are first seen. */
const loaders: Readonly<Record<string, () => Promise<ComponentType<VersionsTabProperties>>>> = {
  install: () => import('./install/install.tsx').then((tab) => tab.Install),
  values: () => import('./values/values.tsx').then((tab) => tab.Values),
  templates: () => import('./files/templates.tsx').then((tab) => tab.Templates),
  files: () => import('./files/files.tsx').then((tab) => tab.Files),
  dependencies: () => import('./dependencies.tsx').then((tab) => tab.Dependencies),
  versions: () => import('./versions/versions.tsx').then((tab) => tab.Versions),
  compare: () => import('./compare/compare.tsx').then((tab) => tab.Compare),
  lineage: () => import('./lineage/lineage.tsx').then((tab) => tab.LineageTab),
  provenance: () => import('./security/provenance.tsx').then((tab) => tab.Provenance),
};

const tabQuery = createQuery(async (id: string) => {
  const Component = await loaders[id]?.();
  return { id, Component };
});

/** Loads the code of a tab while the facts about its version load. */
export function loadTabAhead(id: string | undefined): void {
  if (id !== undefined) void tabQuery.loadAhead(id);
}

/** Tab whose code is loaded when it is first seen. */
export function LazyTab({ id, ...properties }: VersionsTabProperties & { id: string }) {
  const tab = useData(tabQuery, id);
  return (
    <Data data={tab} lines={10}>
      {({ id: loaded, Component }) => (loaded === id && Component ? <Component {...properties} /> : null)}
    </Data>
  );
}
