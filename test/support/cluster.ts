import { join } from 'node:path';
import { findFreePort } from '../../core/db/embedded/free-port.ts';
import { type Member, type MemberEnd, startMember } from './member.ts';
import { cliOutput } from './process.ts';

/** Several `api` and `worker` processes on the same servers. */
export interface Cluster {
  apis: Member[];
  workers: Member[];
  /** Sends SIGTERM to all members, starts none again, and returns how each ended. */
  close(): Promise<{ name: string; end: MemberEnd }[]>;
  /** Kills all members, for a program that must end now. */
  kill(): void;
}

/** Size and environment of a cluster. */
export interface ClusterOptions {
  apis: number;
  workers: number;
  /** Environment of every member: `DATABASE_URL` and the addresses of the other servers. */
  environment: Record<string, string>;
  /** Folder for the output of each member, in a file of the member's name. */
  logFolder?: string;
  /** Called as soon as members are started, before they are ready, with a way to kill them. */
  onMembers?: (cluster: Pick<Cluster, 'kill'>) => void;
}

/**
 * Migrates, starts the members and waits until all are ready. A member that dies is started again, an API at its
 * old address.
 * @throws when `migrate` fails
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { environment } = options;
  const migrated = await cliOutput(['migrate'], environment);
  if (migrated.code !== 0) throw new Error(`migrate ended with ${migrated.code}: ${migrated.stderr}`);
  const apis = await Promise.all(
    Array.from({ length: options.apis }, async (_, index) => {
      const listen = `127.0.0.1:${await findFreePort()}`;
      return start('api', index, `http://${listen}`, { ...environment, LISTEN: listen }, options);
    }),
  );
  const workers = Array.from({ length: options.workers }, (_, index) =>
    start('worker', index, '', environment, options),
  );
  const members = [...apis, ...workers];
  const kill = () => {
    for (const member of members) void member.end('SIGKILL');
  };
  options.onMembers?.({ kill });
  await Promise.all(members.map((member) => member.ready()));
  return {
    apis,
    workers,
    close: () => Promise.all(members.map(async ({ name, end }) => ({ name, end: await end('SIGTERM') }))),
    kill,
  };
}

function start(
  command: 'api' | 'worker',
  index: number,
  url: string,
  environment: Record<string, string>,
  { logFolder }: ClusterOptions,
): Member {
  const name = `${command}-${index + 1}`;
  return startMember({
    name,
    command,
    url,
    // The line that tells readiness is logged at level info.
    environment: { ...environment, LOG_LEVEL: 'info' },
    ...(logFolder === undefined ? {} : { logFile: join(logFolder, `${name}.log`) }),
  });
}
