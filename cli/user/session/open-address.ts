import { spawn } from 'node:child_process';
import type { Session } from './session.ts';

/** Programs that open an address in the browser of the user, by platform. */
const openerByPlatform: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens a web address in a browser. The browser is that of `BROWSER`, or the usual one. A failure is noted, and the
 * command goes on.
 */
export function openAddress(
  address: string,
  { environment, note }: Pick<Session, 'environment' | 'note'>,
): void {
  // A registry says the address: other schemes start other programs.
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    note('warning: this is not a web address, so it is not opened');
    return;
  }
  const [program, ...args] = environment.BROWSER
    ? [environment.BROWSER]
    : (openerByPlatform[process.platform] ?? ['xdg-open']);
  const child = spawn(program, [...args, new URL(address).href], { stdio: 'ignore', detached: true });
  child.on('error', (error) => note(`warning: no browser was opened: ${error.message}`));
  child.unref();
}
