import { fileQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { Data } from '../../../parts/states.tsx';
import { listSchemaKeys } from '../../../parts/values/list-schema-keys.ts';
import { SchemaKeys } from '../../../parts/values/schema-keys.tsx';
import { FileView } from '../files/file-view.tsx';
import type { TabProperties } from '../tab-properties.ts';

/** Schema as a table of keys, or as it was written. */
export function SchemaView({ details, path }: TabProperties & { path: string }) {
  const { query, change } = useAddress();
  const { space, chart, version } = details;
  const text = useData(fileQuery, { space, chart, version, path });
  const isSource = query.line !== undefined || query.path === path;
  return (
    <div class="stack">
      <p>
        <Button size="small" onClick={() => change({ path: isSource ? undefined : path, line: undefined })}>
          {isSource ? 'Show the keys' : 'Show the file'}
        </Button>
      </p>
      {isSource ? (
        <FileView details={details} path={path} />
      ) : (
        <Data data={text}>{(source) => <SchemaKeys keys={listSchemaKeys(source)} />}</Data>
      )}
    </div>
  );
}
