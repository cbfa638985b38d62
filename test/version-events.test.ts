import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { consumeEvents } from '../core/events/consume-events.ts';
import type { EventConsumer, VersionEvent } from '../core/events/version-event.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // Without a worker events wait until a test takes them.
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

const failures: string[] = [];
/** Takes all due events. @returns them in short form, in the order of a batch */
async function take(...others: EventConsumer[]): Promise<string[]> {
  const taken: VersionEvent[] = [];
  const note: EventConsumer = async (_, events) => {
    taken.push(...events);
  };
  failures.length = 0;
  await consumeEvents(registry.db, [...others, note], (event, error, isGivenUp) => {
    failures.push(`${event.chart} ${event.version}: ${error}${isGivenUp ? ', given up' : ''}`);
  });
  return taken.map(describeEvent);
}
const describeEvent = ({ kind, space, chart, version }: VersionEvent) =>
  `${kind} ${space}/${chart}/${version}`;
const upload = async (space: string, chart: string, version: string, values = {}) => {
  const bytes = await packChart({ name: chart, version, values });
  expect((await registry.upload(space, bytes)).status).toBe(201);
};
const remove = async (path: string) =>
  expect((await registry.api(`/spaces/${path}`, { method: 'DELETE' })).ok).toBe(true);
beforeEach(() => take());

describe('version events', () => {
  it('version events are recorded for what is published, replaced and deleted', async () => {
    await upload('lib', 'web', '1.0.0');
    const form = new FormData();
    form.append(
      'chart',
      new Blob([new Uint8Array(await packChart({ name: 'web', version: '1.0.0', values: { a: 1 } }))]),
    );
    const replaced = await fetch(`${registry.url}/api/lib/charts?force`, {
      method: 'POST',
      body: form,
    });
    expect(replaced.status).toBe(201);
    await remove('lib/charts/web/versions/1.0.0');
    expect(await take()).toEqual([
      'published lib/web/1.0.0',
      'replaced lib/web/1.0.0',
      'deleted lib/web/1.0.0',
    ]);
  });

  it('version events are recorded for each version that goes with its chart or its space, once', async () => {
    for (const chart of ['db', 'web'])
      for (const version of ['1.0.0', '2.0.0']) await upload('gone', chart, version);
    await take();
    await remove('gone/charts/web');
    expect(await take()).toEqual(['deleted gone/web/1.0.0', 'deleted gone/web/2.0.0']);
    await remove('gone');
    expect(await take()).toEqual(['deleted gone/db/1.0.0', 'deleted gone/db/2.0.0']);
  });

  it('version events are taken again when a consumer has failed, and what it wrote is not there', async () => {
    await upload('lib', 'kept', '1.0.0');
    const { db } = registry;
    await db.query('CREATE TABLE noted (chart text NOT NULL)');
    const write: EventConsumer = async (tx, events) => {
      for (const { chart } of events) await tx.query('INSERT INTO noted VALUES ($1)', [chart]);
    };
    const fail: EventConsumer = async () => {
      throw new Error('not today');
    };
    expect(await take(write, fail)).toEqual([]);
    expect(failures).toEqual(['kept 1.0.0: Error: not today']);
    expect(await db.query('SELECT * FROM noted')).toEqual([]);
    await db.query("UPDATE version_events SET retry_at = '-infinity'");
    expect(await take(write)).toEqual(['published lib/kept/1.0.0']);
    expect(await db.query('SELECT * FROM noted')).toEqual([{ chart: 'kept' }]);
  });

  it('behind a bad one are taken, and the bad one is given up in the end', async () => {
    for (const chart of ['a', 'bad', 'c']) await upload('lib', chart, '1.0.0');
    const { db } = registry;
    const refuse: EventConsumer = async (_, events) => {
      if (events.some(({ chart }) => chart === 'bad')) throw new Error('bad');
    };
    expect(await take(refuse)).toEqual(['published lib/a/1.0.0', 'published lib/c/1.0.0']);
    for (let attempt = 2; attempt <= 12; attempt += 1) {
      expect(failures).toEqual(['bad 1.0.0: Error: bad']);
      await db.query("UPDATE version_events SET retry_at = '-infinity'");
      expect(await take(refuse)).toEqual([]);
    }
    expect(failures).toEqual(['bad 1.0.0: Error: bad, given up']);
    expect(await db.query('SELECT FROM version_events')).toEqual([]);
  });

  it('version events are taken once, in order, by many workers at once', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => upload('many', `chart-${index % 3}`, `1.0.${index}`)),
    );
    const [row] = await registry.db.query<{ ids: number[] }>(
      'SELECT array_agg(id ORDER BY id) AS ids FROM version_events',
    );
    const taken: number[] = [];
    const note: EventConsumer = async (_, events) => {
      taken.push(...events.map(({ id }) => id));
    };
    await Promise.all(
      Array.from({ length: 5 }, () =>
        consumeEvents(registry.db, [note], (_, error) => expect.fail(String(error))),
      ),
    );
    expect(taken).toEqual(row?.ids.map(Number));
  });

  it('version events are acted on by a worker', async () => {
    await upload('lib', 'worked', '1.0.0');
    const worker = await registry.startWorker();
    const left = () => registry.db.query('SELECT FROM version_events');
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    await worker.close();
  });
});
