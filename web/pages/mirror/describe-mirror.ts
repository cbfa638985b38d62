import type { Mirror } from '@helm-registry/client';
import { describeCount } from '../../parts/bytes.ts';

/** Minutes of longer units, the longest first. */
const units = [
  { minutes: 1440, one: 'day' },
  { minutes: 60, one: 'hour' },
] as const;

/** Says how often a mirror runs. */
export function describeSchedule(every: number | null): string {
  if (every === null) return 'paused: it runs on request only';
  const unit = units.find(({ minutes }) => every % minutes === 0) ?? { minutes: 1, one: 'minute' };
  return `every ${every === unit.minutes ? unit.one : describeCount(every / unit.minutes, unit.one)}`;
}

/** Says which versions of a chart a mirror takes. */
export function describeRange({
  range,
  last,
  prereleases,
}: Pick<Mirror, 'range' | 'last' | 'prereleases'>): string {
  const parts = [
    last === undefined ? 'all' : `the highest ${last.toLocaleString('en')} of each chart`,
    range === undefined ? undefined : `in ${range}`,
    prereleases ? undefined : 'no pre-releases',
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
