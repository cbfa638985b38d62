import { hash } from '@node-rs/argon2';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import type { Database } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { HashLane, HashTurns } from './hash-turns.ts';
import { createLoginLimits } from './login-limits.ts';
import {
  type CheckedPassword,
  type CheckPassword,
  createPasswordCheck,
  type PasswordCheckOptions,
} from './password-check.ts';
import { hashPassword, isOutdatedHash, verifyPassword } from './passwords.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  await db.query('DELETE FROM login_failures');
});
afterAll(() => database.drop());

/** Process that checks passwords, and counts its comparisons. @param options parts of its own */
function startProcess(options: Partial<PasswordCheckOptions> = {}) {
  const compared: string[] = [];
  const paced: string[] = [];
  const check = createPasswordCheck(db, {
    limits: createLoginLimits(db),
    log: pino({ enabled: false }),
    pace: async (line) => void paced.push(line),
    verify(stored, password) {
      compared.push(password);
      return verifyPassword(stored, password);
    },
    ...options,
  });
  return { check, compared, paced };
}

let users = 0;

async function addUser(password: string): Promise<string> {
  users += 1;
  const name = `user-${users}`;
  await db.query(`INSERT INTO principals (kind, name, password_hash) VALUES ('user', $1, $2)`, [
    name,
    await hashPassword(password),
  ]);
  return name;
}

async function readRevision(): Promise<string> {
  const [row] = await db.query<{ revision: string }>('SELECT revision::text FROM access_revision');
  return row?.revision ?? '';
}

/** Checks as a request does: with the revision as it is now. */
async function logIn(
  check: CheckPassword,
  name: string,
  password: string,
  network = '192.0.2.1',
): Promise<CheckedPassword> {
  return check(name, password, { revision: await readRevision(), network });
}

/** Makes present delays last, so that no test depends on its speed. */
async function prolongDelays(): Promise<void> {
  await db.query(`UPDATE login_failures SET delayed_until = delayed_until + interval '10 minutes'`);
}

const wrong = { kind: 'wrong' };

it('verifies a password once, and remembers the pair', async () => {
  const { check, compared } = startProcess();
  const name = await addUser('correct horse');
  const principal = { id: expect.any(String), kind: 'user', name };
  const expected = { kind: 'verified', principal, proof: expect.any(String) };
  expect(await logIn(check, name, 'correct horse', '192.0.2.1')).toEqual(expected);
  expect(await logIn(check, name, 'correct horse', '192.0.2.2')).toEqual(expected);
  expect(compared).toEqual(['correct horse']);
});

it('spends one comparison on every wrong password, whatever the user', async () => {
  const { check, compared } = startProcess();
  const disabled = await addUser('disabled but right');
  await db.query('UPDATE principals SET disabled = true WHERE name = $1', [disabled]);
  await db.query(`INSERT INTO principals (kind, name) VALUES ('user', 'without'), ('group', 'team')`);
  await db.query(`INSERT INTO principals (kind, name, password_hash) VALUES ('account', 'robot', $1)`, [
    await hashPassword('right but a robot'),
  ]);
  const attempts = [
    [await addUser('correct horse'), 'wrong horse'],
    [disabled, 'disabled but right'],
    ['without', 'no password at all'],
    ['team', 'no password for all'],
    ['robot', 'right but a robot'],
    ['nobody', 'somebody else'],
    ['nul\0', 'no such name'],
    ['', 'no name'],
    ['long'.repeat(10_000), 'no such name either'],
  ] as const;
  for (const [name, password] of attempts) expect(await logIn(check, name, password, name)).toEqual(wrong);
  expect(compared).toEqual(attempts.map(([, password]) => password));
});

it('compares nothing that cannot be a password', async () => {
  const { check, compared } = startProcess();
  const name = await addUser('correct horse');
  for (const password of ['', 'x'.repeat(1025)]) {
    expect(await logIn(check, name, password)).toEqual(wrong);
    expect(await logIn(check, 'nobody', password)).toEqual(wrong);
  }
  expect(compared).toEqual([]);
});

it('sees a changed password and a disabled user at the next request', async () => {
  const { check, compared } = startProcess();
  const name = await addUser('first password');
  expect(await logIn(check, name, 'first password')).toMatchObject({ kind: 'verified' });
  await db.query('UPDATE principals SET password_hash = $2 WHERE name = $1', [
    name,
    await hashPassword('second password'),
  ]);
  expect(await logIn(check, name, 'first password')).toEqual(wrong);
  expect(await logIn(check, name, 'second password')).toMatchObject({ kind: 'verified' });
  expect(compared).toEqual(['first password', 'first password', 'second password']);
  await db.query('UPDATE principals SET disabled = true WHERE name = $1', [name]);
  expect(await logIn(check, name, 'second password')).toEqual(wrong);
  await db.query('UPDATE principals SET disabled = false WHERE name = $1', [name]);
  expect(await logIn(check, name, 'second password')).toMatchObject({ kind: 'verified' });
});

it('a password is not compared anew when rights of others change', async () => {
  const { check, compared } = startProcess();
  const [name, other] = [await addUser('correct horse'), await addUser('battery staple')];
  const before = await readRevision();
  await logIn(check, name, 'correct horse');
  await db.query('UPDATE principals SET disabled = true WHERE name = $1', [other]);
  expect(await readRevision()).not.toBe(before);
  expect(await logIn(check, name, 'correct horse')).toMatchObject({ kind: 'verified', principal: { name } });
  expect(compared).toEqual(['correct horse']);
});

it('shares one comparison among simultaneous log-ins', async () => {
  const { check, compared } = startProcess();
  const name = await addUser('correct horse');
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => logIn(check, name, 'correct horse', `192.0.2.${index}`)),
  );
  expect(results.filter(({ kind }) => kind === 'verified')).toHaveLength(20);
  expect(compared).toEqual(['correct horse']);
});

it('compares a repeated wrong password once, counts it each time, and sees that its user was added', async () => {
  const { check, compared } = startProcess();
  for (let repeat = 0; repeat < 10; repeat += 1)
    expect(await logIn(check, 'late', 'correct horse', 'cellar')).toEqual(wrong);
  await prolongDelays();
  expect(await logIn(check, 'late', 'correct horse', 'cellar')).toEqual({
    kind: 'wrong',
    retryAfterSeconds: expect.any(Number),
  });
  expect(compared).toEqual(['correct horse']);
  await db.query(`INSERT INTO principals (kind, name, password_hash) VALUES ('user', 'late', $1)`, [
    await hashPassword('correct horse'),
  ]);
  expect(await logIn(check, 'late', 'correct horse', 'cellar')).toMatchObject({ kind: 'verified' });
});

it('compares at a pace during a delay, apart for each user and network', async () => {
  const { check, compared, paced } = startProcess();
  const [victim, other] = [await addUser('correct horse'), await addUser('battery staple')];
  for (let guess = 0; guess < 10; guess += 1) await logIn(check, victim, `guess ${guess}`, 'attacker');
  expect(paced).toEqual([]);
  await prolongDelays();
  compared.length = 0;
  await logIn(check, victim, 'last guess', 'attacker');
  await logIn(check, victim, 'correct horse', 'home');
  await logIn(check, other, 'battery staple', 'attacker');
  await logIn(check, other, 'battery staple', 'office');
  await logIn(check, victim, 'very last guess', 'attacker');
  expect(compared).toEqual(['last guess', 'correct horse', 'battery staple', 'very last guess']);
  const [ofAttacker, ofHome, ofOther, ...rest] = paced;
  expect(new Set([ofAttacker, ofHome, ofOther]).size).toBe(3);
  expect(rest).toEqual([ofAttacker]);
});

it('lets in who has logged in before, while guesses of new names fill the queue of the network', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { check } = startProcess({
    async verify(stored, password) {
      if (password.startsWith('guess')) await held;
      return verifyPassword(stored, password);
    },
  });
  const [regular, newcomer] = [await addUser('correct horse'), await addUser('battery staple')];
  expect(await logIn(check, regular, 'correct horse', 'office')).toMatchObject({ kind: 'verified' });
  const guesses = Array.from({ length: 80 }, (_, index) =>
    logIn(check, `nobody-${index}`, `guess ${index}`, 'office').then(
      ({ kind }) => kind,
      (error: unknown) => (isRegistryError(error, 'service.busy') ? 'busy' : String(error)),
    ),
  );
  // The first to be refused says that the queue is full.
  expect(await Promise.race(guesses)).toBe('busy');
  await expect(logIn(check, newcomer, 'battery staple', 'office')).rejects.toMatchObject({
    code: 'service.busy',
  });
  expect(await logIn(check, regular, 'correct horse', 'office')).toMatchObject({ kind: 'verified' });
  await db.query("INSERT INTO principals (kind, name) VALUES ('group', 'raises the revision')");
  expect(await logIn(check, regular, 'correct horse', 'office')).toMatchObject({ kind: 'verified' });
  release();
  expect(new Set(await Promise.all(guesses))).toEqual(new Set(['busy', 'wrong']));
  expect(await logIn(check, newcomer, 'battery staple', 'office')).toMatchObject({ kind: 'verified' });
});

it('prefers users who have logged in from the network, there alone, during its delay', async () => {
  const lanes: HashLane[] = [];
  const turns: HashTurns = {
    run(_, lane, hash) {
      lanes.push(lane);
      return hash();
    },
  };
  const { check } = startProcess({ turns });
  const name = await addUser('correct horse');
  await logIn(check, name, 'correct horse', 'desk');
  for (let guess = 0; guess < 10; guess += 1) await logIn(check, `no-${guess}`, 'guess', 'desk');
  for (let guess = 0; guess < 10; guess += 1) await logIn(check, `no-${guess}`, 'guess', 'train');
  await prolongDelays();
  lanes.length = 0;
  await logIn(check, name, 'correct house', 'desk');
  await logIn(check, 'no-one', 'correct house', 'desk');
  await logIn(check, name, 'correct mouse', 'train');
  expect(lanes).toEqual(['known', 'slow', 'slow']);
});

it('prefers them after a restart and at other processes too, for months, and nobody else', async () => {
  const lanes: HashLane[] = [];
  const turns: HashTurns = {
    run: (_, lane, hash) => {
      lanes.push(lane);
      return hash();
    },
  };
  const [name, other] = [await addUser('right'), await addUser('other')];
  await logIn(startProcess().check, name, 'right', '203.0.113.1');
  await logIn(startProcess().check, other, 'other', '203.0.113.2');
  const guesser = startProcess();
  for (let guess = 0; guess < 10; guess += 1)
    await logIn(guesser.check, 'x', `guess ${guess}`, '203.0.113.1');
  await prolongDelays();
  const later = () => startProcess({ turns }).check;
  expect((await logIn(later(), name, 'right', '203.0.113.1')).kind).toBe('verified');
  expect((await logIn(later(), other, 'other', '203.0.113.1')).kind).toBe('verified');
  await logIn(later(), 'nobody', 'right', '203.0.113.1');
  await db.query("UPDATE known_networks SET seen_at = now() - interval '91 days'");
  expect((await logIn(later(), name, 'right', '203.0.113.1')).kind).toBe('verified');
  // The log-in has made it known again, and forgotten what is old.
  expect((await logIn(later(), name, 'right', '203.0.113.1')).kind).toBe('verified');
  expect(lanes).toEqual(['known', 'slow', 'slow', 'slow', 'known']);
});

it('hashes a password anew that was hashed at another cost', async () => {
  const { check, compared } = startProcess();
  const name = await addUser('correct horse');
  const readHash = async () => {
    const [row] = await db.query<{ stored: string }>(
      'SELECT password_hash AS stored FROM principals WHERE name = $1',
      [name],
    );
    return row?.stored ?? '';
  };
  const old = await hash('correct horse', { memoryCost: 1024, timeCost: 1 });
  await db.query('UPDATE principals SET password_hash = $2 WHERE name = $1', [name, old]);
  expect(await logIn(check, name, 'wrong horse')).toEqual(wrong);
  expect(await readHash()).toBe(old);
  await Promise.all(Array.from({ length: 5 }, () => logIn(check, name, 'correct horse')));
  const renewed = await readHash();
  expect(isOutdatedHash(renewed)).toBe(false);
  expect(await verifyPassword(renewed, 'correct horse')).toBe(true);
  // The new hash is remembered, although storing it has raised the revision.
  expect(await logIn(check, name, 'correct horse')).toMatchObject({ kind: 'verified' });
  expect(compared).toEqual(['wrong horse', 'correct horse']);
  expect(await readHash()).toBe(renewed);
});

it('lets everybody with the right password in while one network guesses a thousand', async () => {
  const processes = [startProcess(), startProcess()];
  const victim = await addUser('correct horse');
  const others = await Promise.all(Array.from({ length: 6 }, () => addUser('battery staple')));
  const guesses = Array.from({ length: 1_000 }, (_, index) => {
    const process = processes[index % 2];
    if (!process) throw new Error('there is no such process');
    return logIn(process.check, victim, `guess ${index}`, 'attacker').then(
      ({ kind }) => kind,
      (error: unknown) => (isRegistryError(error, 'service.busy') ? 'busy' : String(error)),
    );
  });
  const logIns = processes.flatMap(({ check }, index) => [
    logIn(check, victim, 'correct horse', `home ${index}`),
    ...others.map((name) => logIn(check, name, 'battery staple', `office of ${name}`)),
  ]);
  const results = await Promise.all(logIns);
  expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'verified'));
  expect(new Set(await Promise.all(guesses))).toEqual(new Set(['wrong', 'busy']));

  await prolongDelays();
  for (const { check } of processes)
    expect(await logIn(check, victim, 'one more guess', 'elsewhere')).toEqual({
      kind: 'wrong',
      retryAfterSeconds: expect.any(Number),
    });
  const fresh = startProcess();
  for (const network of ['attacker', 'home 3'])
    expect(await logIn(fresh.check, victim, 'correct horse', network)).toMatchObject({ kind: 'verified' });
});
