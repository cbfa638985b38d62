import type { ArchivePart } from '../archive/assembly/index.ts';
import { explainLostComments } from '../chart/rewrite.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import type { Warning } from './warning.ts';

/**
 * Warns of files that were rewritten because they could not be edited in place.
 * Such a file has lost its comments.
 */
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
      const message = explainLostComments(`${prefix}${path}`, reason);
      warnings.push({ code: 'comments.lost', pointer: pointerOf(root, prefix), message });
    }
  }
  return warnings;
}

/** Finds the pointer of the node whose folder this is, or of the nearest node above it. */
function pointerOf(root: ResolvedNode, prefix: string): string {
  let node = root;
  for (const folder of prefix.split('/').filter((_part, index) => index % 2 === 1)) {
    const child = node.children.find(({ name }) => name === folder);
    if (!child) break;
    node = child;
  }
  return node.pointer;
}
