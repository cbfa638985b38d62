import { expect, it } from 'vitest';
import { keepRunning } from './keep-running.ts';
import type { Server } from './server.ts';

const log = { info: () => undefined, error: () => undefined };
const pauseBefore = () => 0;

/** Creates a server that ends when `end` is called, or is stopped. */
function createServer(): Server & { end(): void } {
  let end = () => {};
  const ended = new Promise<number>((resolve) => {
    end = () => resolve(1);
  });
  return { port: 1, ended, end, stop: async () => end() };
}

it('a server whose restarts fail is given up after eight', async () => {
  const first = createServer();
  let restarts = 0;
  const restart = async () => {
    restarts += 1;
    throw new Error('does not start');
  };
  const kept = keepRunning(first, { restart, lacksRoom: async () => false, log, pauseBefore });
  first.end();
  await kept.ended;
  expect(restarts).toBe(8);
});

it('restarts that fail for want of room do not count, and the server runs once there is room', async () => {
  const first = createServer();
  const second = createServer();
  let restarts = 0;
  let isUp = () => {};
  const up = new Promise<void>((resolve) => {
    isUp = resolve;
  });
  const restart = async () => {
    restarts += 1;
    if (restarts <= 30) throw new Error('No space left on device');
    isUp();
    return second;
  };
  const kept = keepRunning(first, { restart, lacksRoom: async () => restarts < 30, log, pauseBefore });
  first.end();
  await up;
  expect(restarts).toBe(31);
  await kept.stop();
});

it('a server that ends again and again counts, except while there is no room', async () => {
  let restarts = 0;
  const restart = async () => {
    restarts += 1;
    const server = createServer();
    server.end();
    return server;
  };
  const first = createServer();
  const kept = keepRunning(first, { restart, lacksRoom: async () => restarts < 30, log, pauseBefore });
  first.end();
  await kept.ended;
  expect(restarts).toBe(38);
});
