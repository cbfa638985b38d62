import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder } from '../../../core/runtime/package-info.ts';
import { inheritedEnvironment } from '../environment.ts';
import { imageInstructions, parseCopy, processOf, readDockerfile, type Stage } from './dockerfile.ts';

/** Image of the Dockerfile, as far as it can be built without containers. */
export interface Image {
  /** Folder that stands for `/app` of the image. */
  folder: string;
  entrypoint: string[];
  environment: Record<string, string>;
}

const project = fileURLToPath(packageFolder);

/**
 * Builds the image stage by stage, unless the folder has a whole one. Each stage has a folder with only the files of
 * COPY. The modules of this installation stand for those of `npm ci`; commands that prepare accounts are left out.
 */
export async function buildImage(folder: string): Promise<Image> {
  const stages = await readDockerfile();
  const built = join(folder, 'built');
  if (!existsSync(built)) {
    for (const [index, stage] of stages.entries()) await buildStage(folder, stages, stage, index);
    await writeFile(built, '');
  }
  return { folder: stageFolder(folder, stages, stages.length - 1), ...processOf(imageInstructions(stages)) };
}

async function buildStage(folder: string, stages: Stage[], stage: Stage, index: number): Promise<void> {
  const own = stageFolder(folder, stages, index);
  const below = stages.findIndex(({ name }) => name === stage.from);
  if (below >= 0) await cp(stageFolder(folder, stages, below), own, { recursive: true });
  else await mkdir(own, { recursive: true });
  for (const { name, text } of stage.instructions) {
    if (name === 'COPY') await copy(folder, stages, own, text);
    if (name === 'RUN') await run(own, text);
  }
}

async function copy(folder: string, stages: Stage[], own: string, text: string): Promise<void> {
  const { from, sources, destination } = parseCopy(text);
  const stage = stages.findIndex(({ name }) => name === from);
  const root = from === undefined ? project : stageFolder(folder, stages, stage);
  for (const source of sources) {
    // Paths in a stage begin with the folder's name in the image.
    const path = join(root, source.replace(/^\/app\//, ''));
    const target = destination.endsWith('/') ? join(destination, basename(source)) : destination;
    await cp(path, join(own, target), { recursive: true, verbatimSymlinks: true });
  }
}

async function run(own: string, command: string): Promise<void> {
  if (command.startsWith('npm ci')) await symlink(join(project, 'node_modules'), join(own, 'node_modules'));
  else if (command.startsWith('npm ')) {
    const words = ['-ec', `{ ${command}; } >&2`];
    // Redirected, so that the output is part of the error.
    await promisify(execFile)('sh', words, { cwd: own, env: inheritedEnvironment() });
  }
}

function stageFolder(folder: string, stages: Stage[], index: number): string {
  return join(folder, stages[index]?.name || 'image');
}
