import { execFile } from 'node:child_process';
import type { BasicCredentials } from './basic.ts';
import { isObject, parseJson, readTextValue } from './read-json.ts';

/** Milliseconds for which a helper may think; a locked keychain asks its user. */
const timeoutMs = 30_000;

/** Asks a credential helper of Docker (`docker-credential-NAME get`) for a host. Undefined means that it has none. */
export function askHelper(name: string, host: string): Promise<BasicCredentials | undefined> {
  // The name becomes that of a program, so it must not lead to another folder.
  if (!/^[\w.-]+$/.test(name)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${name}`, ['get'], { timeout: timeoutMs }, (error, stdout) => {
      const answer = error ? undefined : parseJson(stdout);
      const user = isObject(answer) ? readTextValue(answer, 'Username') : undefined;
      const password = isObject(answer) ? readTextValue(answer, 'Secret') : undefined;
      resolve(user === undefined || password === undefined ? undefined : { user, password });
    });
    // A helper that ends before it reads must not end this program.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(host);
  });
}
