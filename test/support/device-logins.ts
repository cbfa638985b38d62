import type { ChildProcess } from 'node:child_process';
import { beginSession } from '../../core/access/sessions.ts';
import type { Database } from '../../core/db/port.ts';

/** Session of a user in a browser, and a page of the registry in it. */
export interface PageSession {
  /** Headers with which the page sends its requests. */
  headers: Record<string, string>;
  /** Sends a decision about the log-in of a command, or asks to see it. */
  send(step: 'review' | 'approve' | 'deny', userCode: string, more?: object): Promise<Response>;
}

/** Begins the session of a user, as a log-in does. */
export async function openSession(
  { db, url }: { db: Database; url: string },
  userId: string,
): Promise<PageSession> {
  const session = await beginSession(db, userId, 3600);
  return pageSession(url, `helm-registry=${session?.secret}`);
}

/** Makes a page of a registry in a browser that has a cookie. */
export function pageSession(url: string, cookie: string): PageSession {
  const headers = { Cookie: cookie, Origin: url, 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' };
  return {
    headers,
    send: (step, userCode, more = {}) =>
      fetch(`${url}/api/v1/device/${step}`, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ user_code: userCode, ...more }),
      }),
  };
}

/** Waits until a command shows the code of its log-in, on one of its streams. */
export function readUserCode({ stdout, stderr }: Pick<ChildProcess, 'stdout' | 'stderr'>): Promise<string> {
  return new Promise((resolve, reject) => {
    let shown = '';
    for (const stream of [stdout, stderr]) {
      stream?.on('data', (chunk: Buffer | string) => {
        shown += String(chunk);
        const [, code] = /approve there the code ([A-Z]{4}-[A-Z]{4})\./.exec(shown) ?? [];
        if (code !== undefined) resolve(code);
      });
    }
    stderr?.on('end', () => reject(new Error(`the command ended without a code: ${shown}`)));
  });
}
