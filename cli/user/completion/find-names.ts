import { type Client, createDeadline } from '../../../client/src/index.ts';
import { readItems } from '../actions/list.ts';
import type { Session } from '../session/session.ts';
import type { NameKind } from './complete-words.ts';

/** Milliseconds for which a shell waits for the registry, and names it gets at the most. */
const timeoutMs = 2_000;
const maxNames = 500;

/** Addresses of charts and their parts. Bash puts a name into the line as it is: a foreign one could be a command. */
const plainName = /^\w[\w.+:/-]*$/;

/** Finds names that a word may become. Who completes a word wants no errors: what cannot be asked gives no names. */
export async function findNames(
  session: Pick<Session, 'contexts' | 'connect'>,
  kind: NameKind,
  word: string,
): Promise<string[]> {
  const deadline = createDeadline(timeoutMs, []);
  try {
    if (kind === 'context') return (await session.contexts.list()).map(({ name }) => name);
    const names = await findInRegistry(await session.connect(), kind, word, deadline.signal);
    return names.filter((name) => plainName.test(name));
  } catch {
    return [];
  } finally {
    deadline.dispose();
  }
}

async function findInRegistry(
  client: Client,
  kind: NameKind,
  word: string,
  signal: AbortSignal,
): Promise<string[]> {
  const call = { signal, retries: 0 };
  const [, space, chart, hasVersion] = /^([^/]*)(?:\/([^:]*)(:)?)?/.exec(word) ?? [];
  if (kind === 'space' || chart === undefined || space === undefined) {
    const names = await readItems(client.spaces.names(call), maxNames);
    return kind === 'space' ? names : names.map((name) => `${name}/`);
  }
  if (hasVersion === undefined)
    return (await readItems(client.space(space).chartNames(call), maxNames)).map(
      (name) => `${space}/${name}`,
    );
  const versions = client.space(space).chart(chart).versions({}, call);
  return (await readItems(versions, maxNames)).map(({ version }) => `${space}/${chart}:${version}`);
}
