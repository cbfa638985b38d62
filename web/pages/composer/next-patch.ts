/** Raises the patch of a SemVer version; a pre-release becomes its release. */
export function nextPatch(version: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)(-[^+]+)?(?:\+.*)?$/.exec(version);
  if (!match) return version;
  const [, major, minor, patch, preRelease] = match;
  return `${major}.${minor}.${preRelease ? patch : Number(patch) + 1}`;
}
