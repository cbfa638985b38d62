import { parseArgs } from 'node:util';
import { hashPassword } from '../core/access/passwords.ts';
import { createPrincipals } from '../test/support/guarded.ts';
import { useBuilt } from './built.ts';
import { startGuardedRegistry } from './guarded-registry.ts';
import { describeMachine, percentile } from './support.ts';

// Benchmarks log-ins with passwords while one network guesses those of an account: guesses a second, the longest health
// check, and how long others take to log in before it and meanwhile. Each log-in is from a network of its own:
//
// npm run bench:passwords -- [--connections 64] [--seconds 10] [--processes 2]

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '10' },
    processes: { type: 'string', default: '2' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
print(describeMachine());
const { registry, db, dispose } = await startGuardedRegistry({ API_PROCESSES: values.processes });
let logIns = 0;
try {
  const { addUser } = createPrincipals(db, []);
  const setPassword = async (id: string, password: string) =>
    db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, await hashPassword(password)]);
  await setPassword(await addUser('victim'), 'the password of the victim');
  // More than log in within the time, so that each password is compared.
  const others = 1000;
  const hash = await hashPassword('the password of others');
  for (let other = 0; other < others; other += 1)
    await db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [
      await addUser(`other${other}`),
      hash,
    ]);

  await measureOthers('alone');
  let guesses = 0;
  const statuses = new Map<number, number>();
  const end = new AbortController();
  const guess = async () => {
    while (!end.signal.aborted) {
      guesses += 1;
      const status = await logIn('203.0.113.9', 'victim', `wrong ${guesses}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const startedAt = performance.now();
  const flood = Array.from({ length: Number(values.connections) }, guess);
  await measureOthers('meanwhile');
  const seconds = (performance.now() - startedAt) / 1000;
  const answered = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
  print(`wrong passwords: ${(guesses / seconds).toFixed(0)} a second, answered ${answered}`);
  end.abort();
  await Promise.all(flood);

  /** Logs users in one after the other for some seconds, each for the first time, and prints how long that takes. */
  async function measureOthers(when: string): Promise<void> {
    const times: number[] = [];
    const checks: number[] = [];
    const failed = new Map<number, number>();
    for (const until = performance.now() + Number(values.seconds) * 1000; performance.now() < until; ) {
      const name = `other${logIns % others}`;
      logIns += 1;
      const [took, status] = await timed(() =>
        logIn(`198.51.${logIns % 100}.${logIns % 250}`, name, 'the password of others'),
      );
      if (status === 200) times.push(took);
      else failed.set(status, (failed.get(status) ?? 0) + 1);
      const [checked] = await timed(async () => (await fetch(`${registry.url}/healthz`)).status);
      checks.push(checked);
    }
    const refused = [...failed].map(([status, count]) => `, ${count} x ${status}`).join('');
    times.sort((one, other) => one - other);
    print(
      `log-ins of others ${when}: ${times.length} x 200${refused}, median ${percentile(times, 0.5).toFixed(0)} ms, ` +
        `99th ${percentile(times, 0.99).toFixed(0)} ms; longest health check ${Math.max(...checks).toFixed(0)} ms`,
    );
  }
} finally {
  await dispose();
}

async function timed(send: () => Promise<number>): Promise<[ms: number, status: number]> {
  const startedAt = performance.now();
  const status = await send();
  return [performance.now() - startedAt, status];
}

async function logIn(network: string, user: string, password: string): Promise<number> {
  const { status } = await fetch(`${registry.url}/api/v1/whoami`, {
    headers: {
      Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'X-Forwarded-For': network,
    },
  });
  return status;
}
