import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerEvents, type ServerEvent } from '../../client/src/jobs/sse.ts';

/** Makes a stream of bytes that come in pieces. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function read(text: string, cuts: readonly number[] = []): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
  const events: ServerEvent[] = [];
  for await (const event of readServerEvents(streamOf(pieces))) events.push(event);
  return events;
}

describe('a stream of server-sent events', () => {
  it('a stream of events has types, ids and data of several lines; comments are passed over', async () => {
    const text =
      ': hello\n\nevent: job\nid: 7\ndata: one\ndata:two\n\ndata:  spaced\nretry: 5\n\nid: 9\n\ndata\n\n';
    expect(await read(text)).toEqual([
      { type: 'job', id: '7', data: 'one\ntwo' },
      { type: 'message', id: '7', data: ' spaced' },
      { type: 'message', id: '9', data: undefined },
      { type: 'message', id: '9', data: '' },
    ]);
  });

  it('a stream of events that ends within one does not give half of it', async () => {
    expect(await read('data: whole\n\nevent: job\ndata: half\n')).toEqual([
      { type: 'message', id: '', data: 'whole' },
    ]);
  });

  it('a stream of events reads alike with each kind of line end, wherever its bytes are cut', async () => {
    const line = fc.stringMatching(/^[ -~äß€😀]{0,12}$/u);
    const event = fc.record({ id: line, lines: fc.array(line, { minLength: 1, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 5 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(1_000), { maxLength: 8 }),
        async (events, end, cuts) => {
          const text = events
            .map(({ id, lines }) => [`id: ${id}`, ...lines.map((data) => `data: ${data}`), '', ''].join(end))
            .join('');
          expect(await read(text, cuts)).toEqual(
            events.map(({ id, lines }) => ({ type: 'message', id, data: lines.join('\n') })),
          );
        },
      ),
    );
  });
});
