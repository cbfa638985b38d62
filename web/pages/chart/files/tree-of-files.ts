import type { ChartFile } from '@helm-registry/client';

/** Folder or file of a tree. */
export interface FileNode {
  name: string;
  path: string;
  /** Absent for a folder. */
  file?: ChartFile;
  children: FileNode[];
}

/** Makes a tree of a list of files: folders first, names in order. */
export function makeFileTree(files: readonly ChartFile[]): FileNode[] {
  const root: FileNode = { name: '', path: '', children: [] };
  const folders = new Map([['', root]]);
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    let folder = root;
    parts.forEach((part, index) => {
      const path = parts.slice(0, index + 1).join('/');
      let next = folders.get(path);
      if (!next) {
        next = { name: part, path, children: [] };
        folders.set(path, next);
        folder.children.push(next);
      }
      folder = next;
    });
    folder.children.push({ name, path: file.path, file, children: [] });
  }
  for (const folder of folders.values()) folder.children.sort(compareNodes);
  return root.children;
}

function compareNodes(a: FileNode, b: FileNode): number {
  if (!a.file !== !b.file) return a.file ? 1 : -1;
  return a.name.localeCompare(b.name, 'en');
}
