import type { FullVersionDetails } from '@helm-registry/client';
import { fileQuery, fileUrl } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { CodeTools, readLineNumber } from '../../../parts/code/code-tools.tsx';
import { CodeView } from '../../../parts/code/code-view.tsx';
import { languageOfPath } from '../../../parts/code/tokens.ts';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { Data } from '../../../parts/states.tsx';

/** File of a version with line numbers, search and ways to take it away. */
export function FileView({ details, path }: { details: FullVersionDetails; path: string }) {
  const { query, href, change } = useAddress();
  const { space, chart, version } = details;
  const at = { space, chart, version };
  const text = useData(fileQuery, { ...at, path });
  const line = readLineNumber(query.line);
  const search = query.q ?? '';
  return (
    <Data data={text} lines={16}>
      {(source) => (
        <div class="stack">
          <CodeTools
            text={source}
            line={line}
            search={search}
            onSearch={(q) => change({ q, line: undefined }, { replace: true })}
            onLine={(to) => change({ line: to }, { replace: true })}
          >
            <CopyButton text={source} label={`text of ${path}`} />
            <a class="button" data-size="small" href={fileUrl(at, path)} target="_blank" rel="noreferrer">
              Raw
            </a>
          </CodeTools>
          <CodeView
            text={source}
            label={path}
            language={languageOfPath(path)}
            line={line}
            search={search}
            hrefOfLine={(to) => href({ line: to })}
          />
        </div>
      )}
    </Data>
  );
}
