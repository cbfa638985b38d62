const goTimePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))$/;

/**
 * Checks whether Go's `time.Time` accepts a text from JSON.
 * Go accepts RFC 3339, and some texts beyond it, such as a comma before the fraction.
 */
export function isGoTime(text: string): boolean {
  const parts = goTimePattern.exec(text)?.slice(1).map(Number);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] =
    parts;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  // Compared so that NaN passes: `Z` has no zone numbers. Go accepts one more than a clock shows.
  return !(zoneHour > 24 || zoneMinute > 60);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
