import { expect } from 'vitest';
import { z } from 'zod';
import type { TestClient } from './client.ts';

const runShape = z.looseObject({
  number: z.int(),
  state: z.string(),
  counts: z.record(z.string(), z.int()),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});
const mirrorShape = z.looseObject({
  url: z.string(),
  hasCredentials: z.boolean(),
  dueAt: z.string().nullable(),
  run: runShape.optional(),
});
const versionsShape = z.object({
  items: z.array(
    z.looseObject({
      chart: z.string(),
      version: z.string(),
      outcome: z.string(),
      error: z.looseObject({ code: z.string() }).optional(),
    }),
  ),
});

/** Reads the mirror of a space. */
export async function readMirrorOf(client: TestClient, space: string) {
  return mirrorShape.parse(await (await client.api(`/spaces/${space}/mirror`)).json());
}

/** Sets a mirror. @returns the response */
export function putMirror(client: TestClient, space: string, body: object): Promise<Response> {
  return client.api(`/spaces/${space}/mirror`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Waits until a run after `number` has ended. */
export async function endedRun(client: TestClient, space: string, number = 0) {
  await expect
    .poll(
      async () => {
        const { run } = await readMirrorOf(client, space);
        return run && run.number > number && run.state !== 'running';
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  const { run } = await readMirrorOf(client, space);
  if (!run) throw new Error('there is no run');
  return run;
}

/** Has a mirror run, and waits for the end. */
export async function runOnce(client: TestClient, space: string) {
  const before = (await readMirrorOf(client, space)).run?.number ?? 0;
  expect((await client.api(`/spaces/${space}/mirror/runs`, { method: 'POST' })).status).toBe(202);
  return endedRun(client, space, before);
}

/** Makes a space a mirror, and waits for the end of its first run. */
export async function mirror(client: TestClient, space: string, body: object) {
  await client.api(`/spaces?space=${space}`, { method: 'POST' });
  const before = await client.api(`/spaces/${space}/mirror`);
  const number = before.status === 200 ? (mirrorShape.parse(await before.json()).run?.number ?? 0) : 0;
  const response = await putMirror(client, space, body);
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
  return endedRun(client, space, number);
}

const resultsShape = z.object({
  metadata: z.object({ total: z.int() }),
  items: z.array(versionsShape.shape.items.element.extend({ retries: z.boolean().optional() })),
});

/** Reads results of a run. @param query filter and page */
export async function resultsOf(client: TestClient, space: string, run: number, query = 'limit=1000') {
  const response = await client.api(`/spaces/${space}/mirror/runs/${run}/results?${query}`);
  expect(response.status).toBe(200);
  return resultsShape.parse(await response.json());
}

/** Describes results as `CHART VERSION OUTCOME CODE`, with whether those that failed are tried again. */
export function describeResults({ items }: Awaited<ReturnType<typeof resultsOf>>): string[] {
  return items.map(({ chart, version, outcome, error, retries }) =>
    [chart, version, outcome, error?.code, retries === undefined ? undefined : retries ? 'retried' : 'ended']
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

/** Reads the outcomes of versions as `CHART VERSION OUTCOME CODE`. */
export async function outcomesOf(client: TestClient, space: string): Promise<string[]> {
  const { items } = versionsShape.parse(
    await (await client.api(`/spaces/${space}/mirror/versions?limit=1000`)).json(),
  );
  return items.map(
    ({ chart, version, outcome, error }) => `${chart} ${version} ${outcome}${error ? ` ${error.code}` : ''}`,
  );
}
