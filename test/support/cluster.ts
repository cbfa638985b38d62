import { join } from 'node:path';
import { findFreePort } from '../../core/db/embedded/free-port.ts';
import { type Member, type MemberEnd, startMember } from './member.ts';
import { cliOutput } from './process.ts';

/** Several `api` and `worker` processes on the same servers. */
export interface Cluster {
  apis: Member[];
  workers: Member[];
  /** Sends SIGTERM to all at once, and gives how each ended. Nothing is started again. */
  close(): Promise<{ name: string; end: MemberEnd }[]>;
  /** Kills what runs, for a program that must end now. */
  kill(): void;
}

export interface ClusterOptions {
  apis: number;
  workers: number;
  /** What every member is told: `DATABASE_URL`, and where the other parts are. */
  environment: Record<string, string>;
  /** Where each member's output is kept, in a file of its name. */
  logFolder?: string;
  /** Given what kills the members as soon as there are some, long before all of them are there. */
  onMembers?: (cluster: Pick<Cluster, 'kill'>) => void;
}

/**
 * Migrates, starts the members and waits until all of them are there. A member that dies is started again, an API on
 * the address that its clients know.
 * @throws when `migrate` fails
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { environment } = options;
  const migrated = await cliOutput(['migrate'], environment);
  if (migrated.code !== 0) throw new Error(`migrate ended with ${migrated.code}: ${migrated.stderr}`);
  const apis = await Promise.all(
    Array.from({ length: options.apis }, async (_, index) => {
      const listen = `127.0.0.1:${await findFreePort()}`;
      const own = { ...environment, LISTEN: listen };
      return start('api', index, `http://${listen}`, own, options);
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
    // That they are there, they say at this level.
    environment: { ...environment, LOG_LEVEL: 'info' },
    ...(logFolder === undefined ? {} : { logFile: join(logFolder, `${name}.log`) }),
  });
}
