import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { hashPassword } from '../core/access/passwords.ts';
import { createPrincipals } from './support/guarded.ts';
import { createTestDatabase } from './support/postgres.ts';
import { serve } from './support/process.ts';

const passwords = { victim: 'the password of the victim', other: 'the password of another' };

/** Starts a registry with two API processes behind a trusted proxy, and two users. @returns its address */
async function start(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-flood-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { addUser } = createPrincipals(database.db, []);
  for (const [name, password] of Object.entries(passwords))
    await database.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [
      await addUser(name),
      await hashPassword(password),
    ]);
  const served = await serve({
    ...{ DATABASE_URL: database.url, DATA_DIR: dataDir, ACCESS: 'guarded', API_PROCESSES: '2' },
    ...{ TRUSTED_PROXIES: '127.0.0.0/8', LOG_LEVEL: 'info' },
  });
  onTestFinished(async () => {
    await served.end('SIGKILL', true);
  });
  return served.url;
}

it('a flood of wrong passwords is limited, and holds up neither the log-ins of others nor health checks', {
  timeout: 300_000,
}, async () => {
  const url = await start();
  const logIn = async (network: string, user: string, password: string) => {
    const { status } = await fetch(`${url}/api/v1/whoami`, {
      headers: {
        Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'X-Forwarded-For': network,
        // A connection of its own, which any of the processes accepts.
        Connection: 'close',
      },
    });
    return status;
  };
  /** Logs in with the right password, anew where the registry is busy. */
  const logInRightly = async (network: string, user: keyof typeof passwords) => {
    const statuses = new Set<number>();
    const tryOnce = async () => {
      const status = await logIn(network, user, passwords[user]);
      statuses.add(status);
      return status;
    };
    await expect.poll(tryOnce, { timeout: 60_000, interval: 500 }).toBe(200);
    expect([200, 503]).toEqual(expect.arrayContaining([...statuses]));
  };
  const attacker = '203.0.113.9';
  const flood = { isOver: false, hasNewNames: false, sent: 0, statuses: new Map<number, number>() };
  const guess = async () => {
    while (!flood.isOver) {
      flood.sent += 1;
      const name = flood.hasNewNames ? `n${flood.sent}` : 'victim';
      const status = await logIn(attacker, name, `wrong ${flood.sent}`);
      flood.statuses.set(status, (flood.statuses.get(status) ?? 0) + 1);
    }
  };
  const guesses = Array.from({ length: 16 }, guess);
  onTestFinished(() => {
    flood.isOver = true;
  });
  // The limit holds by now, and most guesses are not compared.
  await expect
    .poll(() => (flood.statuses.get(429) ?? 0) > 0 && flood.sent > 200, { timeout: 60_000 })
    .toBe(true);
  await logInRightly('198.51.100.7', 'other');
  await logInRightly('198.51.100.8', 'victim');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  // Somebody else in the network of the attacker waits longer, and gets in.
  await logInRightly(attacker, 'other');
  flood.hasNewNames = true;
  const before = flood.sent;
  await expect.poll(() => flood.sent > before + 200, { timeout: 60_000 }).toBe(true);
  await logInRightly(attacker, 'other');
  await logInRightly('198.51.100.9', 'victim');
  flood.isOver = true;
  await Promise.all(guesses);
  expect([401, 429, 503]).toEqual(expect.arrayContaining([...flood.statuses.keys()]));
  expect(flood.statuses.get(401) ?? 0).toBeLessThan(flood.sent / 2);
});
