import { execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { StartError } from '../../runtime/startup-error.ts';
import type { Binaries } from './binaries.ts';

/** User under which PostgreSQL's programs run, and how to start them so. */
export interface ServerUser {
  /** User and group; undefined for those of this process. */
  owner: { uid: number; gid: number } | undefined;
  /** Returns the command and the spawn options that run a program under the account. */
  launch(program: string, args: readonly string[]): Launch;
}

/** Command with the user and group to spawn it as. */
export interface Launch {
  argv: string[];
  uid?: number;
  gid?: number;
}

const execProgram = promisify(execFile);
const currentUser: ServerUser = {
  owner: undefined,
  launch: (program, args) => ({ argv: [program, ...args] }),
};

/**
 * Chooses the user that PostgreSQL's programs run as. As root, that is the owner of an existing data folder, or else
 * the first of `users` that exists, because PostgreSQL refuses to run as root. That user may lack the right to pass a
 * folder on the way (a clone below /root). Then the programs get the one capability for it, and keep their uid for
 * everything that PostgreSQL checks.
 * @param folder parent of the data folder; exists
 * @param data the data folder, which may not exist yet
 * @throws {StartError} that says what to change
 */
export async function chooseServerUser(
  binaries: Binaries,
  folder: string,
  data: string,
  users: readonly string[] = ['postgres', 'nobody'],
): Promise<ServerUser> {
  const owner = await ownerOf(data);
  if (process.geteuid?.() !== 0) return chooseCurrentUser(binaries, folder, owner);
  const { uid, gid } = owner && owner.uid !== 0 ? owner : await findUser(users);
  const plain: ServerUser = {
    owner: { uid, gid },
    launch: (program, args) => ({ argv: [program, ...args], uid, gid }),
  };
  if ((await tryRunAsUser(plain, binaries, folder)) === undefined) return plain;
  const ids = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  // initdb looks for its sibling programs with access(2), which heeds a capability only with this securebit.
  const capability = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  const capable: ServerUser = {
    owner: { uid, gid },
    launch: (program, args) => ({ argv: ['setpriv', ...ids, ...capability, '--', program, ...args] }),
  };
  const problem = await tryRunAsUser(capable, binaries, folder);
  if (problem === undefined) return capable;
  throw new StartError(
    `PostgreSQL does not run as root, and user ${uid} cannot use ${folder} or the installation: start as another user, or put DATA_DIR and the program where that user may go (${problem})`,
  );
}

async function chooseCurrentUser(
  binaries: Binaries,
  folder: string,
  owner: { uid: number } | undefined,
): Promise<ServerUser> {
  const self = process.geteuid?.();
  if (owner && self !== undefined && owner.uid !== self) {
    throw new StartError(
      `the data folder ${folder} belongs to user ${owner.uid} and this is user ${self}: start as that user, or change the owner of the folder and all in it`,
    );
  }
  const problem = await tryRunAsUser(currentUser, binaries, folder);
  if (problem !== undefined) throw new StartError(`the embedded PostgreSQL does not run here: ${problem}`);
  return currentUser;
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StartError(`cannot read ${path} (${error.code}): check its owner and mode`);
  });
}

async function findUser(users: readonly string[]): Promise<{ uid: number; gid: number }> {
  for (const user of users) {
    try {
      const [uid, gid] = await Promise.all([
        execProgram('id', ['-u', user]),
        execProgram('id', ['-g', user]),
      ]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch (error) {
      // `id` exits with 1 for an unknown user.
      if (!(error instanceof Error && 'code' in error && error.code === 1)) throw error;
    }
  }
  throw new StartError(
    `PostgreSQL does not run as root, and none of the users ${users.join(', ')} exists: start as an ordinary user`,
  );
}

/** Tries to run a program in the folder under the account: undefined, or the problem. */
function tryRunAsUser(
  account: ServerUser,
  { postgres }: Binaries,
  folder: string,
): Promise<string | undefined> {
  const { argv, ...ids } = account.launch('sh', ['-c', 'cd "$1" && exec "$2" -V', 'sh', folder, postgres]);
  const [program = 'sh', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...ids, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status) =>
      resolve(status === 0 ? undefined : output.trim() || `it ended with ${status}`),
    );
  });
}
