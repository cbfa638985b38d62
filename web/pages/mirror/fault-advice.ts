/** Advice on the faults of a mirror, by their codes. */
const advice: Readonly<Record<string, string>> = {
  'upstream.missing':
    'Check the address of the upstream: it must be the one that “helm repo add” takes. A version that is missing there stays missing here.',
  'upstream.denied': 'Edit the mirror and set a user name and a password that the upstream accepts.',
  'upstream.busy':
    'The upstream wants fewer requests. The next run begins when it allows it; a longer schedule helps.',
  'upstream.unavailable':
    'Nothing to do if this passes: the run is repeated. If it stays, ask the people who run the upstream. Charts that are stored here are served meanwhile.',
  'upstream.invalid':
    'The upstream does not answer as a chart repository, or is broken. Open its address, and tell the people who run it.',
  'upstream.forbidden':
    'This registry may not call that address. An operator allows it with WEBHOOK_ALLOW, or take a public address.',
  'digest.mismatch':
    'The bytes are not those that the index of the upstream promises, so nothing was stored. Tell the people who run the upstream.',
  'mirror.tooManyGone':
    'Look at the versions that are gone. If they may go here too, edit the mirror and raise the versions that one run may delete.',
  'mirror.tooLong': 'Nothing to do: the next run goes on where this one was.',
  'mirror.brokeOff': 'Nothing to do if this passes: the next run goes on where this one was.',
  'storage.full': 'Ask an operator of this registry to make room. The next run goes on.',
  'quota.exceeded': 'Free some room in the space, or ask an admin for a larger quota. The next run goes on.',
};

/** Advises on a fault. Codes without advice of their own are tried again by the next run. */
export function adviseOnFault(code: string): string {
  return (
    advice[code] ??
    'The next run tries it again. If it fails again, change the filters of the mirror, or tell the people who run the upstream.'
  );
}
