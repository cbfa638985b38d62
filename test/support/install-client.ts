import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder } from '../../core/runtime/package-info.ts';

const run = promisify(execFile);
const root = fileURLToPath(packageFolder);

/** Folder into which the packed client is installed. */
export interface ClientInstallation {
  folder: string;
  /** Writes a program and compiles it as strictly as TypeScript can. @throws with the compiler's messages */
  compile(name: string, source: string, options?: readonly string[]): Promise<void>;
  /** Runs a compiled program with Node. @returns its output */
  run(name: string): Promise<string>;
  dispose(): Promise<void>;
}

/** Builds, packs and installs the client, as a user would. The folder is empty before. */
export async function installClient(): Promise<ClientInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  const npm = (cwd: string, ...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier'], { cwd });
  const packed = await npm(root, 'pack', '--workspace', 'client', '--pack-destination', folder, '--json');
  // The build writes to the same output before the document.
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module' }),
  );
  await npm(folder, 'install', '--offline', `./${filename}`);
  const strict = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--skipLibCheck',
    'false',
  ];
  return {
    folder,
    async compile(name, source, options = nodeOptions) {
      await writeFile(join(folder, `${name}.ts`), source);
      const compiler = join(root, 'node_modules/.bin/tsc');
      await run(compiler, [`${name}.ts`, ...strict, ...options], { cwd: folder }).catch((error) => {
        throw new Error(`${name}.ts: ${error.stdout}`);
      });
    },
    run: async (name) => (await run(process.execPath, [`${name}.js`], { cwd: folder })).stdout,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Options for a program of Node, whose types are those of this project. */
const nodeOptions = [
  ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023'],
  ...['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')],
];

/** Options for a page that a bundler builds: types of browsers, none of Node. */
export const browserOptions = [
  ...['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022'],
  ...['--lib', 'es2023,dom,dom.iterable,dom.asynciterable', '--types', '', '--noEmit'],
];
