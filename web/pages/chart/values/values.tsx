import { useAddress } from '../../../parts/address.ts';
import { Empty } from '../../../parts/states.tsx';
import { Tabs } from '../../../parts/tabs.tsx';
import { FileView } from '../files/file-view.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { Explorer } from './explorer.tsx';
import { SchemaView } from './schema-view.tsx';

/** Tab of the values: all as a tree, values.yaml as written, and the schema. */
export function Values({ details }: TabProperties) {
  const { query } = useAddress();
  const { values, schema } = details.files;
  const views = [
    { id: 'all', label: 'All values' },
    ...(values === undefined ? [] : [{ id: 'file', label: values }]),
    ...(schema === undefined ? [] : [{ id: 'schema', label: 'Schema' }]),
  ];
  const view = views.find(({ id }) => id === query.view)?.id ?? 'all';
  return (
    <div class="stack">
      <Tabs label="Views of the values" tabs={views} parameter="view" drops={['path', 'line', 'q']} />
      {view === 'all' ? <Explorer details={details} /> : null}
      {view === 'file' ? (
        values ? (
          <FileView details={details} path={values} />
        ) : (
          <Empty title="No values" />
        )
      ) : null}
      {view === 'schema' && schema ? <SchemaView details={details} path={schema} /> : null}
    </div>
  );
}
