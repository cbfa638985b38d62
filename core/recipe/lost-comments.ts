import type { ArchivePart } from '../archive/assembly/index.ts';
import { explainLost } from '../chart/lost-comments.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import type { Warning } from './warning.ts';

/** Warns of the files that an editor could not change in place while it composed these parts: their comments are lost. */
export function listLostComments(
  root: ResolvedNode,
  parts: Iterable<ArchivePart>,
  editor: Pick<Editor, 'lost'>,
): Warning[] {
  const warnings: Warning[] = [];
  for (const { prefix, made } of parts) {
    for (const [path, file] of made) {
      const reason = editor.lost.get(file);
      if (reason === undefined) continue;
      const message = explainLost(`${prefix}${path}`, reason);
      warnings.push({ code: 'comments.lost', pointer: pointerOf(root, prefix), message });
    }
  }
  return warnings;
}

/** Pointer of the node that a folder in `charts/` is made of, or of the nearest one above it. */
function pointerOf(root: ResolvedNode, prefix: string): string {
  let node = root;
  for (const folder of prefix.split('/').filter((_part, index) => index % 2 === 1)) {
    const child = node.children.find(({ name }) => name === folder);
    if (!child) break;
    node = child;
  }
  return node.pointer;
}
