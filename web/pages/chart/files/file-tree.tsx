import type { ChartFile } from '@helm-registry/client';
import { useMemo, useState } from 'preact/hooks';
import { useAddress } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { type FileNode, makeFileTree } from './tree-of-files.ts';

/** Entries of a folder that are drawn before somebody asks for more. */
const initialEntryCount = 200;

/** Tree of files as nested lists; a folder's entries are drawn once it is opened. */
export function FileTree({
  files,
  current,
  tab,
}: {
  files: readonly ChartFile[];
  current: string | undefined;
  tab: string;
}) {
  const nodes = useMemo(() => makeFileTree(files), [files]);
  return <Entries nodes={nodes} current={current} tab={tab} />;
}

interface FileTreeSelection {
  current: string | undefined;
  tab: string;
}

function Entries({ nodes, ...place }: FileTreeSelection & { nodes: readonly FileNode[] }) {
  const [shown, setShown] = useState(initialEntryCount);
  return (
    <ul class="file-tree">
      {nodes.slice(0, shown).map((node) => (
        <li key={node.path}>
          {node.file ? <FileLink node={node} {...place} /> : <Folder node={node} {...place} />}
        </li>
      ))}
      {shown < nodes.length ? (
        <li>
          <Button size="small" kind="quiet" onClick={() => setShown(shown + 2_000)}>
            {(nodes.length - shown).toLocaleString('en')} more
          </Button>
        </li>
      ) : null}
    </ul>
  );
}

function Folder({ node, ...place }: FileTreeSelection & { node: FileNode }) {
  const hasCurrent = place.current?.startsWith(`${node.path}/`) ?? false;
  const [isOpen, setOpen] = useState(hasCurrent || node.path === 'templates');
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <bdi>{node.name}</bdi>
      </summary>
      {isOpen ? <Entries nodes={node.children} {...place} /> : null}
    </details>
  );
}

function FileLink({ node: { name, path }, current, tab }: FileTreeSelection & { node: FileNode }) {
  const { href } = useAddress();
  return (
    <a
      href={href({ tab, path, line: undefined, q: undefined, view: undefined })}
      aria-current={path === current ? 'true' : undefined}
    >
      <bdi>{name}</bdi>
    </a>
  );
}
