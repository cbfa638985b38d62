/** A version as Helm understands it; missing minor and patch count as 0. */
export interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  /** Identifiers of the pre-release, empty for a release. */
  prerelease: string[];
  /** Build metadata without the plus sign; it has no part in precedence. */
  build: string;
}

const loose =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const identifier = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const number = '(?:0|[1-9][0-9]*)';
const strict = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${identifier}(?:\\.${identifier})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const maxPart = 2n ** 64n - 1n;
const numeric = /^[0-9]+$/;

/**
 * Parses a version as Helm loads it, which is Masterminds semver's `NewVersion`: a leading `v`, missing parts and leading
 * zeros are allowed; each part fits 64 bits, numeric pre-release identifiers have no leading zeros, 256 characters in all.
 *
 * @returns undefined for what Helm would not load.
 */
export function parseVersion(text: string): Version | undefined {
  if (text.length > 256) return undefined;
  const match = loose.exec(text);
  if (!match) return undefined;
  const [major, minor, patch] = [match[1], match[2], match[3]].map((part) => BigInt(part ?? '0'));
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (major > maxPart || minor > maxPart || patch > maxPart) return undefined;
  const prerelease = match[4]?.split('.') ?? [];
  if (prerelease.some((part) => part.length > 1 && part.startsWith('0') && numeric.test(part)))
    return undefined;
  return { major, minor, patch, prerelease, build: match[5] ?? '' };
}

/**
 * Whether a text is SemVer 2 to the letter. At most 128 characters, because a version is also a tag of OCI registries
 * and those end there.
 */
export function isStrictVersion(text: string): boolean {
  return text.length <= 128 && strict.test(text) && parseVersion(text) !== undefined;
}

/**
 * A key whose order by bytes (PostgreSQL's COLLATE "C") is SemVer precedence (section 11); versions that differ in build
 * metadata only have the same key.
 *
 * Numbers are prefixed by the count of their digits. A release ends with `~`, above the `-` of its pre-releases; the
 * identifiers of these are kept apart by `!`, below every character of theirs, numeric ones marked `0` and others `1`.
 */
export function sortKey(version: Version): string {
  const core = [version.major, version.minor, version.patch]
    .map((part) => prefixLength(String(part), 2))
    .join('.');
  if (version.prerelease.length === 0) return `${core}~`;
  const identifiers = version.prerelease.map((part) =>
    numeric.test(part) ? `0${prefixLength(part, 3)}` : `1${part}`,
  );
  return `${core}-${identifiers.join('!')}`;
}

function prefixLength(digits: string, width: number): string {
  return String(digits.length).padStart(width, '0') + digits;
}
