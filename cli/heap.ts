import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8's heaps grow to two and a half times what lives in them before they are marked again: left to itself it does that at a
 * quarter more, twice a second where recipes come one after the other (ADR 18). The limit of the heap stays what it is.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=150');
}
