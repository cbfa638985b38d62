import type { WhoAmI } from '../../../client/src/index.ts';
import type { ChosenRegistry } from '../contexts/choose-registry.ts';
import { formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { openClient, type Session } from '../session/session.ts';

/** Caller, and the way it is known. */
interface ShownCaller {
  registry: Pick<ChosenRegistry, 'url' | 'context' | 'source'>;
  caller: WhoAmI;
}

const callerView: View<ShownCaller> = {
  columns: [
    { title: 'REGISTRY', value: ({ registry }) => registry.url },
    { title: 'CONTEXT', value: ({ registry }) => registry.context },
    { title: 'CREDENTIALS', value: ({ registry }) => registry.source },
    { title: 'CALLER', value: ({ caller }) => ('name' in caller ? caller.name : caller.kind) },
    {
      title: 'ROLES',
      value: ({ caller }) => ('name' in caller ? caller.registryRoles.join(', ') : undefined),
    },
    {
      title: 'SPACES',
      value: ({ caller }) => ('name' in caller ? describeSpaces(caller.spaces) : undefined),
    },
    {
      title: 'TOKEN UNTIL',
      value: ({ caller }) => ('name' in caller ? formatTime(caller.token?.expiresAt) : undefined),
    },
  ],
  name: ({ caller }) => ('name' in caller ? caller.name : caller.kind),
};

/** Runs `helm-registry whoami`. */
export async function whoami(session: Session): Promise<void> {
  const { token, basic, ...registry } = await session.registry();
  const caller = await openClient({ url: registry.url, token, basic }).whoami({ signal: session.signal });
  await session.output.one(callerView, { registry, caller });
}

function describeSpaces(spaces: readonly { space: string; role: string }[]): string {
  return spaces.map(({ space, role }) => `${space} (${role})`).join(', ');
}
