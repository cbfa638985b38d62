import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A Helm client that is installed. */
export interface Helm {
  /** `helm3`, or where `HELM3` says. */
  program: string;
  major: 3 | 4;
}

/** Whichever of `helm3` and `helm4` there are: on the PATH, or where `HELM3` and `HELM4` say. */
export function findHelms(): Helm[] {
  const helms: Helm[] = [
    { program: process.env.HELM3 ?? 'helm3', major: 3 },
    { program: process.env.HELM4 ?? 'helm4', major: 4 },
  ];
  return helms.filter(({ program }) => {
    try {
      execFileSync(program, ['version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** What `helm template` makes of a packaged chart. */
export function render(helm: Helm, archive: Buffer, ...args: string[]): Promise<string> {
  return withArchive(archive, (file) =>
    run(helm, ['template', 'r', file, '--kube-version', '1.33.0', ...args]),
  );
}

/** What `helm lint` says of it; rejects when it fails. */
export function lint(helm: Helm, archive: Buffer): Promise<string> {
  return withArchive(archive, (file) => run(helm, ['lint', file]));
}

async function run({ program }: Helm, args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

async function withArchive<T>(archive: Buffer, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-'));
  try {
    const file = join(folder, 'chart.tgz');
    await writeFile(file, archive);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
