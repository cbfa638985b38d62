import type { Caller } from '../../core/access/principal.ts';

/** Returns the name by which the log shows a caller. Undefined stands for anonymous callers and open access. */
export function callerName(caller: Caller): string | undefined {
  return caller.kind === 'principal' ? `${caller.principal.kind}:${caller.principal.name}` : undefined;
}
