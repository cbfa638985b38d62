import type { ComponentType } from 'preact';
import { createQuery } from '../../api/query.ts';
import type { SpaceRights } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { Data } from '../../parts/states.tsx';

interface PartProperties {
  space: string;
  may: SpaceRights;
}

/** Code of the parts, loaded when they are first seen. */
const loaders: Readonly<Record<string, () => Promise<ComponentType<PartProperties>>>> = {
  retention: () => import('../retention/retention.tsx').then((part) => part.Retention),
  mirror: () => import('../mirror/mirror.tsx').then((part) => part.Mirror),
  deleted: () => import('../deleted/deleted.tsx').then((part) => part.Deleted),
};

const partQuery = createQuery(async (id: string) => {
  const Component = await loaders[id]?.();
  return { id, Component };
});

/** Part of the settings of a space, whose code is loaded when first seen. */
export function LazySettingsPart({ id, ...properties }: PartProperties & { id: string }) {
  const part = useData(partQuery, id);
  return (
    <Data data={part} lines={8}>
      {({ id: loaded, Component }) => (loaded === id && Component ? <Component {...properties} /> : null)}
    </Data>
  );
}
