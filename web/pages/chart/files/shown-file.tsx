import type { ChartFile, FullVersionDetails } from '@helm-registry/client';
import { fileQuery, fileUrl } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { describeBytes } from '../../../parts/bytes.ts';
import { pathToChart } from '../../../parts/chart-address.ts';
import { Markdown } from '../../../parts/markdown/markdown.tsx';
import { Data, Empty } from '../../../parts/states.tsx';
import { FileView } from './file-view.tsx';

/** Largest file that is shown. */
const maxBytes = 5_000_000;

/** Chosen file: its text, Markdown as a page, or a way to download it. */
export function ShownFile({
  details,
  file,
  wanted,
}: {
  details: FullVersionDetails;
  file: ChartFile | undefined;
  wanted: string | undefined;
}) {
  const { query, change } = useAddress();
  if (!file) {
    return wanted ? (
      <Empty title="There is no such file">
        <p>
          This version has no <code>{wanted}</code>. Choose one of the list.
        </p>
      </Empty>
    ) : (
      <p class="muted">Choose a file to read it.</p>
    );
  }
  const { space, chart, version } = details;
  const isText = !file.binary && file.size <= maxBytes;
  const isMarkdown = isText && /\.(?:md|markdown)$/i.test(file.path);
  const isRendered = isMarkdown && query.view !== 'source' && query.line === undefined;
  return (
    <div class="stack">
      <p class="row spread">
        <code class="file-path">
          <bdi>{file.path}</bdi>
        </code>
        <span class="small muted">{describeBytes(file.size)}</span>
      </p>
      {isMarkdown ? (
        <p>
          <Button
            size="small"
            onClick={() => change({ view: isRendered ? 'source' : undefined, line: undefined })}
          >
            {isRendered ? 'Show the source' : 'Show as a page'}
          </Button>
        </p>
      ) : null}
      {isRendered ? <MarkdownFile details={details} path={file.path} /> : null}
      {isText && !isRendered ? <FileView details={details} path={file.path} /> : null}
      {isText ? null : (
        <p>
          {file.binary ? 'This file is not text. ' : 'This file is too long to show here. '}
          <a href={fileUrl({ space, chart, version }, file.path)} download>
            Download it
          </a>
        </p>
      )}
    </div>
  );
}

function MarkdownFile({
  details: { space, chart, version },
  path,
}: {
  details: FullVersionDetails;
  path: string;
}) {
  const at = { space, chart, version };
  const text = useData(fileQuery, { ...at, path });
  const context = {
    path,
    // A link to a file that is not there leads to a page that says so.
    isFile: (file: string) => file !== '',
    pageOf: (file: string) => pathToChart(space, chart, version, { tab: 'files', path: file }),
    bytesOf: (file: string) => fileUrl(at, file),
    lowered: 1,
  };
  return <Data data={text}>{(source) => <Markdown key={path} source={source} context={context} />}</Data>;
}
