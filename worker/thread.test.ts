import { afterEach, describe, expect, it } from 'vitest';
import { startThread, type Thread } from './thread.ts';

const url = new URL('./thread.fixture.ts', import.meta.url);
const started: Thread<string, string>[] = [];

function start(patience = 60_000): Thread<string, string> {
  const thread = startThread<string, string>(url, patience);
  started.push(thread);
  return thread;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((thread) => thread.close()));
});

describe('a thread', () => {
  it('answers one question after another', async () => {
    const thread = start();
    expect(await thread.ask('one', [])).toBe('done: one');
    expect(await thread.ask('two', [])).toBe('done: two');
  });

  it('that throws, ends or hangs is an error of who asked, and nobody else', async () => {
    const other = start();
    expect(await other.ask('one', [])).toBe('done: one');
    await expect(start().ask('throw', [])).rejects.toThrow('it went wrong');
    await expect(start().ask('exit', [])).rejects.toThrow('ended before it had answered');
    await expect(start(2_000).ask('hang', [])).rejects.toThrow('no answer for 2000 ms');
    expect(await other.ask('two', [])).toBe('done: two');
  });

  it('that is closed while it works says so', async () => {
    const thread = start();
    expect(await thread.ask('one', [])).toBe('done: one');
    const asked = expect(thread.ask('hang', [])).rejects.toThrow('ended before it had answered');
    await thread.close();
    await asked;
  });
});
