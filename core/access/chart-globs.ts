/** Checks a chart name against globs. `*` stands for any characters and `?` for one. */
export function matchesChart(globs: readonly string[], chart: string): boolean {
  return globs.some((glob) => matchesGlob(glob, chart));
}

/**
 * Matches a text, in time that grows with the product of the lengths. The last star is made longer where it was too
 * short, and no star before it.
 */
function matchesGlob(glob: string, text: string): boolean {
  let place = 0;
  let at = 0;
  let star = -1;
  let starEnd = 0;
  while (at < text.length) {
    if (glob[place] === '*') {
      star = place;
      starEnd = at;
      place += 1;
    } else if (place < glob.length && (glob[place] === '?' || glob[place] === text[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      starEnd += 1;
      at = starEnd;
      place = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(place));
}

/** Writes a glob of chart names as a pattern of `LIKE`. */
export function toLikePattern(glob: string): string {
  return glob.replaceAll(/[\\%_*?]/g, (char) => (char === '*' ? '%' : char === '?' ? '_' : `\\${char}`));
}

/** Limits of the globs of one token. */
const maxGlobs = 20;
const maxGlobLength = 100;
const maxStars = 5;

/**
 * Finds a fault of globs, as a token has them.
 * @param most largest number of them
 * @returns undefined for good ones
 */
export function findGlobFault(globs: readonly string[], max = maxGlobs): string | undefined {
  if (globs.length === 0 || globs.length > max) return `charts must have 1 to ${max} globs.`;
  const isGood = (glob: string) =>
    glob.length <= maxGlobLength &&
    /^[A-Za-z0-9._*?-]+$/.test(glob) &&
    glob.split('*').length <= maxStars + 1;
  if (globs.every(isGood)) return undefined;
  return `Each glob must be of letters, digits and ._-*?, at most ${maxGlobLength} in all, at most ${maxStars} of them *.`;
}

/** Whether globs match every chart that others match. Only what is easily seen counts. */
export function areGlobsWithin(globs: readonly string[], bounds: readonly string[]): boolean {
  return globs.every(
    (glob) =>
      bounds.includes(glob) || bounds.includes('*') || (isPlainName(glob) && matchesChart(bounds, glob)),
  );
}

/** Whether a text is a name, and no glob. */
export function isPlainName(glob: string): boolean {
  return !/[*?]/.test(glob);
}
