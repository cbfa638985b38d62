import { expect, it } from 'vitest';
import { createHashTurns, type HashLane } from './hash-turns.ts';

/** Turns whose hashes end when the test says so. */
function startTurns() {
  const turns = createHashTurns();
  const running = new Map<string, () => void>();
  return {
    /** Names of the hashes that run at present. */
    running: () => [...running.keys()],
    add: (network: string, lane: HashLane, name = network) =>
      turns.run(
        network,
        lane,
        () =>
          new Promise<void>((resolve) => {
            running.set(name, resolve);
          }),
      ),
    async end(name: string) {
      running.get(name)?.();
      running.delete(name);
      await new Promise(setImmediate);
    },
    turns,
  };
}

it('runs two hashes at a time, one network after another', async () => {
  const { add, end, running } = startTurns();
  for (let flood = 0; flood < 20; flood += 1) void add('flood', 'calm', `flood ${flood}`);
  void add('home', 'calm');
  await end('none');
  expect(running()).toEqual(['flood 0', 'flood 1']);
  await end('flood 0');
  await end('flood 1');
  expect(running()).toEqual(['flood 2', 'home']);
});

it('gives the slow lane one place, and always that one', async () => {
  const { add, end, running } = startTurns();
  for (const name of ['a', 'b', 'c']) void add(name, 'slow');
  for (const name of ['x', 'y', 'z']) void add(name, 'calm');
  await end('none');
  expect(running()).toEqual(['a', 'x']);
  await end('x');
  expect(running()).toEqual(['a', 'y']);
  await end('a');
  expect(running()).toEqual(['y', 'b']);
  await end('y');
  await end('z');
  // With the calm lane empty the slow one still has one place.
  expect(running()).toEqual(['b']);
});

it('refuses what would wait behind too much of its network, and goes on after a hash that fails', async () => {
  const { add, end, running, turns } = startTurns();
  for (let flood = 0; flood < 66; flood += 1) void add('flood', 'calm', `flood ${flood}`);
  await expect(add('flood', 'calm', 'one too many')).rejects.toMatchObject({
    code: 'service.busy',
    message: expect.stringContaining('Your network'),
  });
  const failing = turns.run('home', 'calm', () => Promise.reject(new Error('no memory')));
  const fails = expect(failing).rejects.toThrow('no memory');
  await end('flood 0');
  await end('flood 1');
  await fails;
  expect(running()).toHaveLength(2);
});

it('gives every second turn of the slow place to users who are known, and all where nobody else waits', async () => {
  const { add, end, running } = startTurns();
  for (const name of ['g1', 'g2', 'g3']) void add('flood', 'slow', name);
  for (const name of ['k1', 'k2', 'k3', 'k4']) void add('flood', 'known', name);
  const ran: string[] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    await end(ran.at(-1) ?? 'none');
    ran.push(running()[0] ?? 'nobody');
  }
  expect(ran).toEqual(['g1', 'k1', 'g2', 'k2', 'g3', 'k3', 'k4']);
});

it('refuses the newest of the site that waits most where too many wait, and serves a newcomer in its turn', async () => {
  const { add, end, running } = startTurns();
  const refused: string[] = [];
  for (let network = 0; network < 600; network += 1) {
    const name = `2001:db8:1:${network.toString(16)}::/64`;
    void add(name, 'calm').catch(({ code }) => refused.push(`${code} ${name}`));
  }
  await end('none');
  // Two run, and 512 wait.
  expect(refused).toHaveLength(600 - 514);
  void add('198.51.100.7/32', 'calm', 'newcomer').catch(() => refused.push('newcomer'));
  await end('none');
  expect(refused.at(-1)).toBe('service.busy 2001:db8:1:201::/64');
  await end('2001:db8:1:0::/64');
  await end('2001:db8:1:1::/64');
  expect(running()).toContain('newcomer');
});
