import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Collects all garbage of this process now, as `--expose-gc` lets a program do. */
export function collectGarbage(): void {
  if (typeof collect !== 'function') throw new Error('V8 does not give its garbage collection away');
  collect();
}
