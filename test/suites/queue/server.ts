import { expect, it } from 'vitest';
import { newIds, type QueueTools } from './setup.ts';

/** Tests the server behind a queue: content, generation, and whether it is reachable. */
export function testServer(use: QueueTools): void {
  it('the queue has one generation for all processes as long as nothing on it is lost', async () => {
    const other = use.open();
    const names = [await use.queue.generation(), await other.generation()];
    await use.queue.enqueue('deliveries', newIds(1));
    names.push(await use.queue.generation());
    await other.close();
    const late = use.open();
    names.push(await late.generation());
    await late.close();
    expect(new Set(names).size).toBe(1);
    await use.consume(async () => undefined, 1, 'deliveries');
  });

  it('the queue keeps its content while no process has it open', async () => {
    const [id = ''] = newIds(1);
    const producer = use.open();
    await producer.enqueue('deliveries', [id]);
    await producer.close();
    const arrived: string[] = [];
    await use.consume(async (arrival) => void arrived.push(arrival.id), 1, 'deliveries');
    await expect.poll(() => arrived).toEqual([id]);
  });

  it('the queue refuses calls after its close, and closes its consumers', async () => {
    const other = use.open();
    await other.consume('deliveries', 1, async () => undefined);
    await Promise.all([other.enqueue('orchestrations', []), other.close(), other.close()]);
    await expect(other.enqueue('orchestrations', newIds(1))).rejects.toThrow('closed');
  });

  it('the queue answers a ping', async () => {
    await expect(use.queue.ping()).resolves.toBeUndefined();
  });

  it('the queue rejects calls when its server cannot be reached, and can be closed then', async () => {
    const nowhere = new URL(use.under.url);
    nowhere.port = '1';
    const unreachable = use.open(nowhere.href);
    await expect(unreachable.ping()).rejects.toThrow();
    await expect(unreachable.enqueue('orchestrations', newIds(1))).rejects.toThrow();
    await expect(unreachable.consume('orchestrations', 1, async () => undefined)).rejects.toThrow();
    await unreachable.close();
  });
}
