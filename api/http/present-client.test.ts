import { expect, it } from 'vitest';
import { createInFlight } from '../../core/read-cache/in-flight.ts';
import { admitWhilePresent } from './present-client.ts';

it('work is admitted in its turn until the client disconnects', async () => {
  const client = new AbortController();
  const inFlight = admitWhilePresent(createInFlight(100), client.signal);
  await inFlight.admitInTurn();
  const waiting = inFlight.admitInTurn();
  client.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'service.busy' });
  await expect(inFlight.admitInTurn()).rejects.toMatchObject({ code: 'service.busy' });
});

it('work of a present client still needs room', async () => {
  const inFlight = admitWhilePresent(createInFlight(100), new AbortController().signal);
  const release = inFlight.add(101);
  await expect(inFlight.admitInTurn()).rejects.toMatchObject({ code: 'service.busy' });
  release();
  await inFlight.admitInTurn();
});
