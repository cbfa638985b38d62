import { type FileHandle, open } from 'node:fs/promises';
import type { Log } from '../runtime/log.ts';
import { StartError } from '../runtime/startup-error.ts';
import { type Key, keyBytes, keyIdPattern } from './keys.ts';

const keyFileSetting = 'AUTH_KEYS_FILE';
const linePattern = new RegExp(`^(${keyIdPattern}):\\s*(\\S+)$`);
const exampleKeyCommand = 'echo "$(date +%F):$(openssl rand -base64 32)"';

/** Mode bits with which users that are neither owner nor of the group may read or write a file. */
const othersReadWriteBits = 0o006;

/**
 * Reads the file of keys: `ID:BASE64` on each line, the newest first. Empty lines and lines that begin with `#` are skipped.
 * Messages never have the text of a line, which may be a key.
 * @throws {StartError} for a file that cannot be read, or has a line that is not a key
 */
export async function readKeyFile(path: string, log: Pick<Log, 'warn'>): Promise<Key[]> {
  const { text, mode } = await readText(path);
  if (mode & othersReadWriteBits) {
    log.warn({ file: path }, `every user of this machine may use ${keyFileSetting}: run \`chmod 600\` on it`);
  }
  const keys = parseKeys(text, path);
  if (keys.length > 0) return keys;
  throw new StartError(
    `${keyFileSetting}: ${path} has no key; make one with \`${exampleKeyCommand} > FILE\``,
  );
}

async function readText(path: string): Promise<{ text: string; mode: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    return { text: await file.readFile('utf8'), mode: (await file.stat()).mode };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reason =
      code === 'ENOENT'
        ? `there is no file ${path}; make one with \`${exampleKeyCommand} > FILE\``
        : `cannot read ${path} (${code}); check its owner and mode`;
    throw new StartError(`${keyFileSetting}: ${reason}`, { cause: error });
  } finally {
    await file?.close();
  }
}

function parseKeys(text: string, path: string): Key[] {
  const lineOf = new Map<string, number>();
  return text.split(/\r?\n/).flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const place = `${keyFileSetting}: ${path}, line ${index + 1}`;
    const key = parseKey(trimmed, place);
    const earlier = lineOf.get(key.id);
    if (earlier !== undefined) {
      throw new StartError(`${place}: line ${earlier} has the same id; give each key an id of its own`);
    }
    lineOf.set(key.id, index + 1);
    return [key];
  });
}

function parseKey(line: string, place: string): Key {
  const [, id, encoded] = linePattern.exec(line) ?? [];
  const secret = Buffer.from(encoded ?? '', 'base64');
  if (id === undefined || secret.toString('base64') !== encoded) {
    throw new StartError(
      `${place}: expected ID:BASE64 with an id of letters, digits, - and _, as \`${exampleKeyCommand}\` prints it`,
    );
  }
  if (secret.length === keyBytes) return { id, secret, opensOnly: false };
  throw new StartError(
    `${place}: the key has ${secret.length} bytes; a key has ${keyBytes}, as \`openssl rand -base64 ${keyBytes}\` prints them`,
  );
}
