import { readInteger } from './format-hosts.ts';

/** Checks a date `YYYY-MM-DD` of the calendar. */
export function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === '') return false;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1];
  return days !== undefined && Number(day) >= 1 && Number(day) <= days;
}

/** Checks a time with a zone. A leap second is valid only at the end of a day in UTC. */
export function isTime(text: string): boolean {
  const clock = /^(.{2}):(.{2}):(.{2})(?:\.[0-9]+)?(.*)$/s.exec(text);
  if (!clock) return false;
  const [hour, minute, second] = [clock[1], clock[2], clock[3]].map((part) => readInteger(part ?? ''));
  if (hour === undefined || minute === undefined || second === undefined) return false;
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60)) return false;
  const offset = minutesToUtc(clock[4] ?? '');
  if (offset === undefined) return false;
  if (second < 60) return true;
  const minutes = hour * 60 + minute + offset;
  return (minutes < 0 ? minutes + 1_440 : minutes) === 1_439;
}

/** Returns the minutes from a zone to UTC. */
function minutesToUtc(zone: string): number | undefined {
  if (zone === 'z' || zone === 'Z') return 0;
  const [, sign, hours = '', minutes = ''] = /^([+-])(.{2}):(.{2})$/s.exec(zone) ?? [];
  const [hour, minute] = [readInteger(hours), readInteger(minutes)];
  if (sign === undefined || !(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) return undefined;
  return (sign === '+' ? -1 : 1) * (hour * 60 + minute);
}

/** Checks a date and a time, joined by `T`. */
export function isDateTime(text: string): boolean {
  return (
    text.length >= 20 && /^[tT]$/.test(text[10] ?? '') && isDate(text.slice(0, 10)) && isTime(text.slice(11))
  );
}

/** Checks an ISO 8601 duration by the grammar of RFC 3339, appendix A. */
export function isDuration(text: string): boolean {
  if (!text.startsWith('P') || text === 'P') return false;
  if (text.endsWith('W')) return /^[0-9]+$/.test(text.slice(1, -1));
  const [, time] = /^P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(.+))?$/s.exec(text) ?? [];
  if (time !== undefined) return /^(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?$/.test(time);
  return /^P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?$/.test(text);
}

/** Checks a period: start and end, of which one may be a duration. */
export function isPeriod(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash === -1) return false;
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)];
  if (start.startsWith('P')) return isDuration(start) && isDateTime(end);
  return isDateTime(start) && (end.startsWith('P') ? isDuration(end) : isDateTime(end));
}
