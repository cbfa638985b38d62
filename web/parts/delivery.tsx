import type { Delivery } from '@helm-registry/client';
import { Badge } from './badge.tsx';
import { describeDuration, Time } from './time.tsx';
import { useReloadWhile } from './use-reload-while.ts';

const tones = { pending: 'accent', succeeded: 'good', failed: 'danger' } as const;

/** Loads deliveries anew from time to time while one of them is pending. */
export function useReloadWhilePending(deliveries: readonly Delivery[] | undefined, reload: () => void): void {
  useReloadWhile(deliveries?.some(({ state }) => state === 'pending') ?? false, reload);
}

/** State of a delivery. */
export function DeliveryState({ state }: Pick<Delivery, 'state'>) {
  return <Badge tone={tones[state]}>{state}</Badge>;
}

/** Last attempt of a delivery: its answer, how long it took, and when it was. */
export function LastAttempt({ attempts }: Pick<Delivery, 'attempts'>) {
  const last = attempts.at(-1);
  if (!last) return <span class="muted">none yet</span>;
  return (
    <span>
      {last.status ?? last.error ?? 'no answer'} in {describeDuration(last.durationMs)},{' '}
      <Time at={last.startedAt} />
      {attempts.length > 1 ? ` (attempt ${last.number})` : ''}
    </span>
  );
}
