import type { ChartFile } from '@helm-registry/client';
import { filesQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { describeBytes } from '../../../parts/bytes.ts';
import { Data } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { FileTree } from './file-tree.tsx';
import { ShownFile } from './shown-file.tsx';

/** Tab of all files of the archive, those of charts inside too. */
export function Files({ details }: TabProperties) {
  const { space, chart, version } = details;
  const { query } = useAddress();
  const files = useData(filesQuery, { space, chart, version });
  return (
    <Data data={files} lines={14}>
      {({ items, total }) => {
        const chosen = items.find(({ path }) => path === query.path);
        return (
          <div class="file-columns">
            <nav class="file-nav" aria-label="Files">
              <p class="small muted">{describeTotal(items, total)}</p>
              <FileTree files={items} current={query.path} tab="files" />
            </nav>
            <div class="file-main">
              <ShownFile details={details} file={chosen} wanted={query.path} />
            </div>
          </div>
        );
      }}
    </Data>
  );
}

function describeTotal(items: readonly ChartFile[], total: number): string {
  const bytes = items.reduce((sum, { size }) => sum + size, 0);
  const shown = items.length < total ? `first ${items.length.toLocaleString('en')} of ` : '';
  return `${shown}${total.toLocaleString('en')} files, ${describeBytes(bytes)}`;
}
