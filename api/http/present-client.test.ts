import { expect, it } from 'vitest';
import { createInFlight } from '../../core/read-cache/in-flight.ts';
import { WaitAbandoned } from '../../core/runtime/threads/fair-limiter.ts';
import { admitWhilePresent } from './present-client.ts';

it('work is admitted in its turn until the client disconnects', async () => {
  const client = new AbortController();
  const inFlight = admitWhilePresent(createInFlight(100), client.signal);
  await inFlight.admitInTurn();
  const waiting = inFlight.admitInTurn();
  client.abort();
  await expect(waiting).rejects.toBeInstanceOf(WaitAbandoned);
  await expect(inFlight.admitInTurn()).rejects.toBeInstanceOf(WaitAbandoned);
});

it('work of a present client still needs room', async () => {
  const inFlight = admitWhilePresent(createInFlight(100), new AbortController().signal);
  const release = inFlight.add(101);
  const refused = inFlight.admitInTurn();
  await expect(refused).rejects.toMatchObject({ code: 'service.busy' });
  await expect(refused).rejects.not.toBeInstanceOf(WaitAbandoned);
  release();
  await inFlight.admitInTurn();
});
