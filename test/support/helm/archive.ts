import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Helm, type HelmAnswer, runHelm } from './program.ts';

/** Runs `helm template` on an archive, for Kubernetes 1.33.0. */
export function renderArchive(helm: Helm, archive: Buffer, ...args: string[]): Promise<HelmAnswer> {
  return withArchive(helm, archive, (file) => ['template', 'r', file, '--kube-version', '1.33.0', ...args]);
}

/** Runs `helm lint` on an archive. */
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
