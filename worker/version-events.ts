import type { Database } from '../core/db/port.ts';
import { consumeEvents, type OnEventFailure } from '../core/events/consume-events.ts';
import type { EventConsumer } from '../core/events/version-event.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/**
 * Starts acting on changes of versions: now, and at intervals until stopped. A failure is logged, and the events are
 * consumed again.
 */
export function startVersionEvents(
  db: Database,
  log: Log,
  consumers: readonly EventConsumer[],
  intervalMs: number,
): Repetition {
  const onFailure: OnEventFailure = ({ id, kind, space, chart, version }, error, isGivenUp) => {
    const event = { id, kind, space, chart, version };
    if (isGivenUp) log.error({ event, error }, 'a change of a version was given up');
    else log.warn({ event, error }, 'a change of a version could not be acted on, it is tried again');
  };
  return startRepeating(
    async (signal) => {
      await consumeEvents(db, consumers, onFailure, signal);
    },
    intervalMs,
    (error) => log.warn({ error }, 'no changes of versions could be taken, it is tried again'),
  );
}
