/** Range that is offered, and the words for it. */
export interface OfferedRange {
  range: string;
  label: string;
}

/** Lists the ranges that people ask for, beginning at a version. */
export function listOfferedRanges(version: string): OfferedRange[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined || minor === undefined) return [];
  return [
    { range: `~${major}.${minor}`, label: `${major}.${minor}.x` },
    { range: `^${major}`, label: `${major}.x` },
    { range: `>${version.replace(/\+.*$/, '')}`, label: 'newer than this' },
  ];
}

/** Describes what is wrong with a range before it is sent. Undefined stands for a range that the registry may know. */
export function describeRangeFault(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  if (text.length > 200) return 'A range has 200 characters at the most.';
  if (/[^\dA-Za-z.\-+*<>=!~^|,\s]/.test(text)) return 'Write a range such as ^1.2, ~1.4.0, >=1 <3 or 1.x.';
  if (/[<>=~^!]\s*$|^\s*\|\||\|\|\s*$/.test(text))
    return 'The range is not finished: a version is missing at its end.';
  return undefined;
}
