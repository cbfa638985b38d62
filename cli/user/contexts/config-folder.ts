import { homedir } from 'node:os';
import { join } from 'node:path';

/** Environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the folder of a program's settings, as the XDG base directory specification says. */
export function configFolder(environment: Environment, program: string): string {
  const base = environment.XDG_CONFIG_HOME;
  // The specification has relative paths ignored.
  return join(base?.startsWith('/') ? base : join(homeFolder(environment), '.config'), program);
}

/** Returns the home folder of the user. */
export function homeFolder({ HOME }: Environment): string {
  return HOME !== undefined && HOME !== '' ? HOME : homedir();
}
