import { job } from '../../api/job-schemas.ts';

/** Server-sent event as a client gets it. */
export interface ReceivedEvent {
  /** Name; empty for a comment that comes with an id. */
  event: string;
  id: string;
  data: string;
}

/** Reader of server-sent events. */
export interface EventReader {
  /** Events so far. */
  events: readonly ReceivedEvent[];
  /** Reads events until one matches, or the stream ends. @returns the event; undefined at the end */
  until(matches: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent | undefined>;
  /** Returns the id from which to resume: that of the last event that `until` has passed. */
  lastId(): string;
  /** Disconnects. */
  close(): Promise<void>;
}

/** Reads the body of a response as server-sent events. A connection that breaks ends them. */
export function readEvents(response: Response): EventReader {
  const events: ReceivedEvent[] = [];
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let seen = 0;

  async function readMore(): Promise<boolean> {
    const chunk = await reader?.read().catch(() => undefined);
    if (!chunk || chunk.done) return false;
    const blocks = `${rest}${chunk.value}`.split('\n\n');
    rest = blocks.pop() ?? '';
    events.push(...blocks.map(parseBlock));
    return true;
  }

  return {
    events,
    async until(matches) {
      for (;;) {
        for (; seen < events.length; seen += 1) {
          const event = events[seen];
          if (event && matches(event)) {
            seen += 1;
            return event;
          }
        }
        if (!(await readMore())) return undefined;
      }
    },
    lastId: () => events.slice(0, seen).findLast(({ id }) => id !== '')?.id ?? '',
    close: async () => reader?.cancel(),
  };
}

function parseBlock(block: string): ReceivedEvent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
  return { event: field('event'), id: field('id'), data: field('data') };
}

/** Reads the job of an event. */
export function jobOfEvent({ data }: Pick<ReceivedEvent, 'data'>) {
  return job.parse(JSON.parse(data));
}

/** Makes a condition for `until`: an event of a job, or of its state. */
export function tells(chart: string, state?: string): (event: ReceivedEvent) => boolean {
  return (received) => {
    if (received.event !== 'job') return false;
    const told = jobOfEvent(received);
    return told.chart === chart && (state === undefined || told.state === state);
  };
}
