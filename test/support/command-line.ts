import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { inheritedEnvironment } from './environment.ts';
import { outputOf } from './process.ts';

/** User of the command line, with a home folder that goes with the test. */
export interface CommandLineUser {
  /** Folder in which the commands run. */
  home: string;
  environment: Record<string, string | undefined>;
  /** Runs a command to its end, with bytes on standard input. */
  run(args: string[], input?: string | Buffer): ReturnType<typeof outputOf>;
  /** Starts a command. */
  start(args: string[], input?: string | Buffer): ChildProcess;
}

/** Package of the user commands. */
export interface CommandLine {
  /** Folder of the package, as it is packed. */
  folder: string;
  /** Creates a user with an empty home and no settings but these. */
  createUser(environment?: Record<string, string>): Promise<CommandLineUser>;
}

/** Builds the package of the user commands, unless another file of the run has. */
export async function buildCommandLine(): Promise<CommandLine> {
  const folder = join(inject('image').folder, '../command-line');
  if (!existsSync(folder)) await build(folder);
  return { folder, createUser: (environment) => createUser(join(folder, 'helm-registry.js'), environment) };
}

/** Builds the package under another name, since two files may do so at once. The first whole one stays. */
async function build(folder: string): Promise<void> {
  const root = fileURLToPath(packageFolder);
  const own = await mkdtemp(`${folder}-`);
  const builder = join(root, 'cli/package-command-line.ts');
  await promisify(execFile)(process.execPath, ['--import', 'tsx', builder, own], { cwd: root });
  await rename(own, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error;
    await rm(own, { recursive: true });
  });
}

async function createUser(
  program: string,
  environment: Record<string, string> = {},
): Promise<CommandLineUser> {
  const home = await mkdtemp(join(tmpdir(), 'user-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, 'docker'));
  const own = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    DOCKER_CONFIG: join(home, 'docker'),
    HELM_REGISTRY_CONFIG: join(home, 'helm.json'),
  };
  const user: CommandLineUser = {
    home,
    environment: { ...inheritedEnvironment(), ...own, ...environment },
    run: (args, input) => outputOf(user.start(args, input)),
    start(args, input) {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: home,
        env: user.environment,
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      // A command that ends before it reads must not end the tests.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      return child;
    },
  };
  return user;
}
