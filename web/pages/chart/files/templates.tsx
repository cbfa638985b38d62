import type { ChartFile } from '@helm-registry/client';
import { filesQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { Data, Empty } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { groupTemplates } from './group-templates.ts';
import { ShownFile } from './shown-file.tsx';

/** Tab of the templates and CRDs, by what they are for. */
export function Templates({ details }: TabProperties) {
  const { space, chart, version } = details;
  const { query } = useAddress();
  const files = useData(filesQuery, { space, chart, version });
  return (
    <Data data={files} lines={14}>
      {({ items }) => {
        const groups = groupTemplates(items);
        if (groups.length === 0)
          return (
            <Empty title="No templates">
              <p>This version renders nothing of its own.</p>
            </Empty>
          );
        const first = groups[0]?.files[0];
        const chosen = items.find(({ path }) => path === query.path) ?? (query.path ? undefined : first);
        return (
          <div class="file-columns">
            <nav class="file-nav" aria-label="Templates">
              {groups.map(({ name, files }) => (
                <TemplateGroup key={name} name={name} files={files} current={chosen?.path} />
              ))}
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

function TemplateGroup({
  name,
  files,
  current,
}: {
  name: string;
  files: readonly ChartFile[];
  current: string | undefined;
}) {
  const { href } = useAddress();
  const isOwn = !name.includes('charts/');
  return (
    <details class="file-group" open={isOwn || files.some(({ path }) => path === current)}>
      <summary>
        <bdi>{name}</bdi> <span class="muted">{files.length}</span>
      </summary>
      <ul class="file-tree">
        {files.map(({ path }) => (
          <li key={path}>
            <a
              href={href({ path, line: undefined, q: undefined })}
              aria-current={path === current ? 'true' : undefined}
            >
              <bdi>{path.replace(/^.*(?:templates|crds)\//, '')}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
