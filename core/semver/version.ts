/** Version as Helm reads it; a missing minor or patch part is 0. */
export interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  /** Identifiers of the pre-release; empty for a release. */
  prerelease: string[];
  /** Build metadata without the plus sign; precedence ignores it. */
  build: string;
}

const looseVersionPattern =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const identifierPattern = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const numberPattern = '(?:0|[1-9][0-9]*)';
const strictVersionPattern = new RegExp(
  `^${numberPattern}\\.${numberPattern}\\.${numberPattern}(?:-${identifierPattern}(?:\\.${identifierPattern})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const maxVersionNumber = 2n ** 64n - 1n;
const digitsPattern = /^[0-9]+$/;

/**
 * Parses a version as Helm does, with the rules of Masterminds semver's `NewVersion`.
 * A leading `v`, missing parts and leading zeros are allowed. Each part fits 64 bits, numeric pre-release identifiers
 * have no leading zeros, and the text has at most 256 characters.
 *
 * @returns undefined for a text that Helm does not read as a version
 */
export function parseVersion(text: string): Version | undefined {
  if (text.length > 256) return undefined;
  const match = looseVersionPattern.exec(text);
  if (!match) return undefined;
  const [major, minor, patch] = [match[1], match[2], match[3]].map((part) => BigInt(part ?? '0'));
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (major > maxVersionNumber || minor > maxVersionNumber || patch > maxVersionNumber) return undefined;
  const prerelease = match[4]?.split('.') ?? [];
  if (prerelease.some((part) => part.length > 1 && part.startsWith('0') && digitsPattern.test(part)))
    return undefined;
  return { major, minor, patch, prerelease, build: match[5] ?? '' };
}

/**
 * Tells whether a text is a SemVer 2 version of at most 128 characters.
 * Longer ones are excluded, because a version is also an OCI tag, and tags have at most 128 characters.
 */
export function isStrictVersion(text: string): boolean {
  return text.length <= 128 && strictVersionPattern.test(text) && parseVersion(text) !== undefined;
}

/**
 * Makes a key that sorts by bytes (PostgreSQL's COLLATE "C") in SemVer precedence (section 11).
 * Versions that differ in build metadata only have the same key.
 *
 * Each number is prefixed by the count of its digits. A release ends with `~`, which sorts above the `-` of its
 * pre-releases. Identifiers are separated by `!`, which sorts below all their characters; numeric ones begin with `0`,
 * others with `1`.
 */
export function sortKey(version: Version): string {
  const core = [version.major, version.minor, version.patch]
    .map((part) => withLengthPrefix(String(part), 2))
    .join('.');
  if (version.prerelease.length === 0) return `${core}~`;
  const identifiers = version.prerelease.map((part) =>
    digitsPattern.test(part) ? `0${withLengthPrefix(part, 3)}` : `1${part}`,
  );
  return `${core}-${identifiers.join('!')}`;
}

function withLengthPrefix(digits: string, width: number): string {
  return String(digits.length).padStart(width, '0') + digits;
}
