import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { errorOf, jobOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { path, useGarbage, web } from './support/garbage.ts';

const use = useGarbage();
const { collect, download, remove, stored } = use;

describe('garbage collection during', () => {
  /** Collects repeatedly until `work` has ended; `work` can read how many blobs were removed so far. */
  async function collecting(work: (removed: () => number) => Promise<unknown>): Promise<void> {
    let done = false;
    let removed = 0;
    const loop = async () => {
      while (!done) removed += (await collect())?.removed ?? 0;
    };
    const loops = Promise.all([loop(), loop()]);
    await work(() => removed).finally(() => {
      done = true;
    });
    await loops;
  }

  it('an upload answered 201 during garbage collection of the same content has its bytes', async () => {
    const contents = await Promise.all([0, 1, 2].map((number) => web(`${number}.0.0`)));
    // Repeat until there were enough collisions, also on a fast machine.
    await collecting((removed) =>
      Promise.all(
        Array.from({ length: 4 }, async (_, uploader) => {
          for (let round = 0; round < 50 || removed() < 20; round += 1) {
            const number = (round + uploader) % 3;
            const version = `${number}.0.0`;
            const bytes = contents[number] ?? Buffer.alloc(0);
            const space = `space-${uploader}`;
            expect((await use.registry.upload(space, bytes)).status).toBe(201);
            expect(await download(space, version)).toEqual({ status: 200, bytes });
            expect((await remove(space, version)).status).toBe(204);
          }
        }),
      ),
    );
    await collect();
    expect(await stored()).toEqual([]);
  });

  it('a version replaced during garbage collection has its bytes, and the others are removed', async () => {
    const contents = await Promise.all([0, 1, 2].map((a) => web('1.0.0', { a })));
    const put = (bytes: Buffer) =>
      use.registry.api(path('lib', '1.0.0'), { method: 'PUT', body: chartForm(bytes) });
    await use.registry.upload('lib', contents[0] ?? Buffer.alloc(0));
    await collecting(() =>
      Promise.all(
        Array.from({ length: 4 }, async (_, writer) => {
          for (let round = 0; round < 30; round += 1) {
            const bytes = contents[(round + writer) % 3] ?? Buffer.alloc(0);
            const answer = await (writer === 0 ? use.registry.upload('lib', bytes) : put(bytes));
            if (!answer.ok)
              expect(['version.exists', 'resource.locked']).toContain((await errorOf(answer)).code);
          }
        }),
      ),
    );
    const { bytes } = await download('lib', '1.0.0');
    expect(contents.some((content) => content.equals(bytes))).toBe(true);
    await collect();
    expect(await stored()).toEqual([digestOf(bytes)]);
  });

  it('a recipe accepted during garbage collection succeeds, although its source is deleted and uploaded again', async () => {
    await use.registry.startWorker();
    const source = await web('1.0.0');
    await use.registry.upload('lib', source);
    const compose = (version: string) =>
      use.registry.orchestrate(
        'lib',
        {
          save: { chart: 'shop', version },
          configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        },
        {},
      );
    // The first recipe validates the values, so that the later ones take about as long as a deletion.
    const first = await compose('0.0.1');
    expect(first.status).toBe(202);
    const ids = [(await jobOf(first)).id];
    await collecting(async () => {
      for (let round = 0; round < 25; round += 1) {
        const [answer] = await Promise.all([compose(`1.0.${round}`), remove('lib', '1.0.0')]);
        if (answer.status === 202) ids.push((await jobOf(answer)).id);
        else expect(answer.status).toBe(404);
        await use.registry.upload('lib', source);
      }
      for (const id of ids) await (await use.registry.api(`/jobs/${id}/events`)).text();
    });
    for (const id of ids)
      expect((await jobOf(await use.registry.api(`/jobs/${id}`))).state).toBe('succeeded');
  });
});
