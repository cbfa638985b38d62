import { countEdits } from '../runtime/count-edits.ts';
import { settings } from './settings.ts';

/** Environment variable that looks like a setting and is none. */
export interface MisspeltVariable {
  name: string;
  /** Setting that was probably meant; undefined where no name is near. */
  nearest: string | undefined;
}

/** Variables of other programs that look like settings: Helm's own, and systemd's for passing sockets. */
const foreignNames = new Set(['HELM_REGISTRY_CONFIG', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']);

/** Variables that Kubernetes and Docker make for each service, such as `HELM_REGISTRY_PORT_80_TCP`. */
const serviceLinkPattern =
  /_(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Prefix that users add, as if variables had the program's name in front. */
const programPrefix = /^HELM_?REGISTRY_/;

/** Prefix of settings that resemble those of other programs: `S3_ACCESS_KEY_ID`, `S3_ENDPOINT_URL`. */
const familyPrefix = 'S3_';

/**
 * Finds variables that were probably meant for this program and have no effect. Only near misses count, because
 * an environment is full of variables of other programs.
 * @param environment usually `process.env`
 */
export function findMisspelt(environment: Record<string, string | undefined>): MisspeltVariable[] {
  const known = new Set(Object.values(settings).map(({ env }) => env));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value === '' || known.has(name) || foreignNames.has(name)) return [];
    const upper = name.toUpperCase().replaceAll(/[-.]/g, '_');
    if (serviceLinkPattern.test(upper)) return [];
    const nearest = findMeantSetting(upper, known);
    const isOurs = nearest !== undefined || programPrefix.test(upper) || upper.startsWith(familyPrefix);
    return isOurs ? [{ name, nearest }] : [];
  });
}

function findMeantSetting(name: string, known: ReadonlySet<string>): string | undefined {
  const bare = name.replace(programPrefix, '');
  if (known.has(bare)) return bare;
  const joined = [...known].find((setting) => withoutUnderscores(setting) === withoutUnderscores(bare));
  if (joined !== undefined) return joined;
  // Other programs read secrets from files (`DATABASE_URL_FILE`); this one from the file of `--config`.
  const ofFile = bare.replace(/_FILE$/, '');
  if (ofFile !== bare && known.has(ofFile)) return ofFile;
  if (bare.startsWith(familyPrefix)) {
    const longestPrefix = [...known]
      .filter((setting) => bare.startsWith(`${setting}_`))
      .sort(byLength)
      .at(0);
    if (longestPrefix !== undefined) return longestPrefix;
    if (bare === 'S3_SECRET_ACCESS_KEY') return 'S3_SECRET_KEY';
  }
  return [...known].find((setting) => isTypoOf(bare, setting));
}

/**
 * Compares word by word, because `DATABASE_SSL` and `DATABASE_PORT` are two letters away from settings and
 * still other words. A long word may have two errors, a short one only one.
 */
function isTypoOf(name: string, setting: string): boolean {
  const words = name.split('_');
  const meant = setting.split('_');
  if (words.length !== meant.length) return false;
  const edits = meant.map((word, index) => countEdits(words[index] ?? '', word));
  if (edits.some((count, index) => count > ((meant[index]?.length ?? 0) >= 6 ? 2 : 1))) return false;
  return edits.reduce((sum, count) => sum + count, 0) <= (setting.length < 8 ? 1 : 2);
}

function withoutUnderscores(name: string): string {
  return name.replaceAll('_', '');
}

function byLength(a: string, b: string): number {
  return b.length - a.length;
}
