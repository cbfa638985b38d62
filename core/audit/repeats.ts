import { networkOf } from '../runtime/addresses.ts';
import type { AuditRecord } from './event.ts';

/**
 * Counter of events that come again, as when a client tries the same for hours. They are refusals, and log-ins that
 * commands begin.
 */
export interface RepeatCounter {
  /**
   * Counts an event.
   * @returns false for the first of its kind in a while, and for what is never counted: the caller records it
   */
  count(record: AuditRecord): boolean;
  /** Reports what has been counted, and ends. */
  close(): void;
}

/** Action that everybody may do as often as they like, and so fill the audit. */
const strangersAction: AuditRecord['action'] = 'device.request';

interface CountedEvent {
  record: AuditRecord;
  times: number;
}

/**
 * Creates a counter. A first refusal is left to the caller; equal ones are reported as one at the end of each window.
 * @param windowMs milliseconds of a window
 * @param maxKinds kinds that are counted at a time; others are left to the caller
 * @param report gets the last of the counted refusals, with their number
 */
export function createRepeatCounter(
  windowMs: number,
  maxKinds: number,
  report: (record: AuditRecord) => void,
): RepeatCounter {
  const kinds = new Map<string, CountedEvent>();
  let timer: NodeJS.Timeout | undefined;

  /** Reports the counts of a window. Kinds of which none came are forgotten, so the next of them is a first one. */
  function endWindow(): void {
    for (const [kind, counted] of kinds) {
      if (counted.times === 0) kinds.delete(kind);
      else report({ ...counted.record, times: counted.times });
      counted.times = 0;
    }
    timer = kinds.size > 0 ? setTimeout(endWindow, windowMs).unref() : undefined;
  }

  return {
    count(record) {
      if (record.outcome === 'done' && record.action !== strangersAction) return false;
      const kind = repeatKeyOf(record);
      const counted = kinds.get(kind);
      if (counted) {
        counted.record = record;
        counted.times += 1;
        return true;
      }
      if (kinds.size < maxKinds) kinds.set(kind, { record, times: 0 });
      timer ??= setTimeout(endWindow, windowMs).unref();
      return false;
    },
    close() {
      clearTimeout(timer);
      endWindow();
      clearTimeout(timer);
    },
  };
}

/**
 * Names what equal refusals have in common: who, and what was refused. A stranger is known by its network, since a client
 * of IPv6 has as many addresses as it likes.
 */
function repeatKeyOf({ caller, request, action, outcome, right, space }: AuditRecord): string {
  const who = caller.id ?? `${caller.name ?? ''} ${networkOf(request.address ?? '')}`;
  return JSON.stringify([who, action, outcome, right, space]);
}
