import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Helm, type HelmAnswer, runHelm } from './program.ts';

/** What `helm template` makes of a packaged chart. */
export function renderArchive(helm: Helm, archive: Buffer, ...args: string[]): Promise<HelmAnswer> {
  return withArchive(helm, archive, (file) => ['template', 'r', file, '--kube-version', '1.33.0', ...args]);
}

/** What `helm lint` says of it. */
export function lintArchive(helm: Helm, archive: Buffer): Promise<HelmAnswer> {
  return withArchive(helm, archive, (file) => ['lint', file]);
}

async function withArchive(
  helm: Helm,
  archive: Buffer,
  args: (file: string) => string[],
): Promise<HelmAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-'));
  try {
    const file = join(folder, 'chart.tgz');
    await writeFile(file, archive);
    return await runHelm(helm, args(file), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
