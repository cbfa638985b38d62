import { parseArgs } from 'node:util';
import { hashPassword } from '../core/access/passwords.ts';
import { createPrincipals } from '../test/support/guarded.ts';
import { useBuilt } from './built.ts';
import { startGuardedRegistry } from './guarded-registry.ts';
import { describeMachine, percentile } from './support.ts';

// Benchmarks whether the time of a refusal tells what exists: users, by wrong passwords for them, and private spaces, by
// requests of those who may not read them. Kinds of requests take turns in a random order, one at a time. Each line has
// the tenth, fiftieth and ninetieth percentile of a kind, and how often who sees one answer of each of two kinds guesses
// rightly which is which: 50 % is a coin.
//
// npm run bench:answer-times -- [--rounds 200] [--spaces 50]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    spaces: { type: 'string', default: '50' },
  },
});
const rounds = Number(values.rounds);
const spaces = Number(values.spaces);
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
print(describeMachine());
const { registry, db, dispose } = await startGuardedRegistry();
try {
  const principals = createPrincipals(db, [registry.url]);
  const hash = await hashPassword('the password of somebody');
  for (let user = 0; user < rounds; user += 1) {
    const id = await principals.addUser(`known${user}`);
    await db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, hash]);
    await principals.addUser(`bare${user}`);
  }
  const { client: admin } = await principals.addToken(await principals.addUser('root', 'admin'));
  for (let space = 0; space < spaces; space += 1) {
    await principals.addSpace(`private${space}`, 'private');
    const { status } = await admin.upload(`private${space}`, { name: 'web' });
    if (status !== 201) throw new Error(`the upload was answered ${status}`);
  }
  const { text: stranger } = await principals.addToken(await principals.addUser('stranger'));

  // Each name is guessed once, and from a network of its own, so that no delay holds.
  const logInAs = (kind: string) => (round: number) =>
    ask('/api/v1/whoami', {
      Authorization: `Basic ${Buffer.from(`${kind}${round}:wrong`).toString('base64')}`,
      'X-Forwarded-For': `10.${kind.length}.${Math.floor(round / 250)}.${round % 250}`,
    });
  await compare('wrong password', {
    'a user': logInAs('known'),
    'nobody of the name': logInAs('nobody'),
    'a user without a password': logInAs('bare'),
  });
  const callers: Record<string, Record<string, string>> = {
    'a stranger with a token': { Authorization: `Bearer ${stranger}` },
    nobody: {},
  };
  const paths: Record<string, (space: string) => string> = {
    'list of charts': (space) => `/api/v1/spaces/${space}/charts`,
    values: (space) => `/api/v1/spaces/${space}/charts/web/versions/1.0.0/manifests/values`,
    'index of the chart repository': (space) => `/${space}/index.yaml`,
    'OCI tags': (space) => `/v2/${space}/web/tags/list`,
  };
  for (const [caller, headers] of Object.entries(callers))
    for (const [what, pathOf] of Object.entries(paths))
      await compare(`${what}, asked by ${caller}`, {
        'a private space': (round) => ask(pathOf(`private${round % spaces}`), headers),
        'no space of the name': (round) => ask(pathOf(`absents${round % spaces}`), headers),
      });
} finally {
  await dispose();
}

/** Sends a request that is refused. @returns the milliseconds to the end of its answer */
async function ask(path: string, headers: Record<string, string>): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${registry.url}${path}`, { headers });
  await response.arrayBuffer();
  if (response.status !== 401 && response.status !== 404)
    throw new Error(`${path} was answered ${response.status}`);
  return performance.now() - startedAt;
}

/** Measures kinds of requests in turn, and compares each with the first. */
async function compare(
  what: string,
  kinds: Record<string, (round: number) => Promise<number>>,
): Promise<void> {
  print(`\n${what}:`);
  const times = new Map(Object.keys(kinds).map((kind): [string, number[]] => [kind, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = Object.entries(kinds)
      .map((entry) => ({ entry, place: Math.random() }))
      .toSorted((one, other) => one.place - other.place);
    for (const { entry } of order) times.get(entry[0])?.push(await entry[1](round));
  }
  const [first = []] = times.values();
  for (const [kind, found] of times) {
    const sorted = found.toSorted((one, other) => one - other);
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => percentile(sorted, share).toFixed(2));
    const told =
      found === first
        ? ''
        : `; told from the first in ${(100 * shareOfRightGuesses(first, found)).toFixed(0)} %`;
    print(`  ${kind}: ${low}, ${middle}, ${high} ms${told}`);
  }
}

/** Computes how often the longer of two times, one of each kind, is of the kind that is longer more often. */
function shareOfRightGuesses(one: readonly number[], other: readonly number[]): number {
  let longer = 0;
  for (const a of one) for (const b of other) longer += a > b ? 1 : a === b ? 0.5 : 0;
  const share = longer / (one.length * other.length);
  return Math.max(share, 1 - share);
}
