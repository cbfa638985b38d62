import { signal } from '@preact/signals';

const now = signal(Date.now());

// Clock of all times of the page; browsers slow it down in pages that nobody sees.
setInterval(() => {
  now.value = Date.now();
}, 15_000);

const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const exactFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });
const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** Whether all times of the page are exact. */
export const hasExactTimes = signal(false);

/**
 * Time in words, such as "3 hours ago", with the exact one on hover. The reader may have it the other way round, by a
 * click on any time or by the palette. Times are not buttons: a table would have many stops of the Tab key.
 */
export function Time({ at }: { at: string }) {
  const date = new Date(at);
  const words = describeTime(date.getTime(), now.value);
  const full = exactFormat.format(date);
  return (
    <time dateTime={at} title={hasExactTimes.value ? words : full}>
      {hasExactTimes.value ? full : words}
    </time>
  );
}

/** Says how far a time is from another one. */
export function describeTime(at: number, from: number): string {
  const seconds = (at - from) / 1000;
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  if (unit === 'second') return seconds > 15 ? 'in under a minute' : 'just now';
  return relativeFormat.format(Math.trunc(seconds / length), unit);
}

/** Says how long something took, such as "1.4 s" or "2 min 5 s". */
export function describeDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds - minutes * 60);
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
