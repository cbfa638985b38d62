import type { NamedContext } from '../contexts/context-store.ts';
import type { View } from '../display/view.ts';
import type { Session } from '../session/session.ts';
import { revokeToken } from './logout.ts';

/** Context without its secret. */
interface ShownContext {
  name: string;
  url: string;
  user: string | null;
  loggedIn: boolean;
  current: boolean;
}

const contextView: View<ShownContext> = {
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'CURRENT', value: ({ current }) => current },
    { title: 'USER', value: ({ user }) => user },
    { title: 'URL', value: ({ url }) => url },
  ],
  name: ({ name }) => name,
};

/** Runs `helm-registry context list`. */
export async function listContexts({ contexts, output }: Session): Promise<void> {
  const [all, current] = await Promise.all([contexts.list(), contexts.current()]);
  await output.list(
    contextView,
    all.map((context) => toShown(context, current?.name)),
  );
}

/** Runs `helm-registry context use`. */
export async function useContext({ contexts, note }: Session, name: string): Promise<void> {
  const { url } = await contexts.read(name);
  await contexts.use(name);
  note(`the context is ${name}, at ${url}`);
}

/** Runs `helm-registry context remove`. */
export async function removeContext(session: Session, name: string): Promise<void> {
  await revokeToken(session, await session.contexts.read(name));
  await session.contexts.remove(name);
  session.note(`removed the context ${name}`);
}

function toShown({ name, url, user, token }: NamedContext, current: string | undefined): ShownContext {
  return { name, url, user: user ?? null, loggedIn: token !== undefined, current: name === current };
}
