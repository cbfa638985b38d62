import { useState } from 'preact/hooks';
import { fileQuery, filesQuery, fileUrl } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { pathToChart } from '../../../parts/chart-address.ts';
import { Markdown } from '../../../parts/markdown/markdown.tsx';
import type { Heading } from '../../../parts/markdown/shape-markdown.ts';
import { Data, Empty, Skeleton } from '../../../parts/states.tsx';
import { useMedia } from '../../../parts/use-media.ts';
import type { TabProperties } from '../tab-properties.ts';
import { About } from './about.tsx';
import { Contents } from './contents.tsx';
import { ReadmeFolds } from './readme-folds.tsx';

/** First tab: the README, its contents, and what Chart.yaml says. The latter come first where there is one column. */
export function Readme({ details }: TabProperties) {
  const { space, chart, version, files } = details;
  const at = { space, chart, version };
  const text = useData(fileQuery, files.readme === undefined ? undefined : { ...at, path: files.readme });
  const listed = useData(filesQuery, files.readme === undefined ? undefined : at);
  const [headings, setHeadings] = useState<readonly Heading[]>([]);
  // As the columns of the style.
  const isNarrow = useMedia('(max-width: 60rem)');
  const paths = new Set(listed.value?.items.map(({ path }) => path));
  const context = {
    path: files.readme ?? '',
    isFile: (path: string) => paths.has(path),
    pageOf: (path: string) => pathToChart(space, chart, version, { tab: 'files', path }),
    bytesOf: (path: string) => fileUrl(at, path),
    lowered: 1,
  };
  return (
    <div class="chart-columns">
      {isNarrow ? <ReadmeFolds details={details} headings={headings} /> : null}
      <div class="chart-main">
        {files.readme === undefined ? (
          <Empty title="No README">
            <p>
              This version has none.{' '}
              <a href={pathToChart(space, chart, version, { tab: 'values' })}>See its values</a> or{' '}
              <a href={pathToChart(space, chart, version, { tab: 'files' })}>its files</a>.
            </p>
          </Empty>
        ) : (
          <Data data={text} lines={16}>
            {(source) =>
              // Links can only be judged by the list of files.
              listed.value || listed.problem ? (
                <Markdown source={source} context={context} onHeadings={setHeadings} />
              ) : (
                <Skeleton lines={16} />
              )
            }
          </Data>
        )}
      </div>
      {isNarrow ? null : (
        <aside class="chart-aside stack" aria-label="About this version">
          <About details={details} />
          <Contents headings={headings} />
        </aside>
      )}
    </div>
  );
}
