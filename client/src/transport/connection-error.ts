import { clientCodes, RegistryError } from '../errors.ts';

// Messages name the origin only: a path or query may be secret.

/** Makes the error of a connection that could not be made, or that broke off. */
export function connectionError(url: string, cause: unknown): RegistryError {
  const message = `There is no connection to ${originOf(url)}, or it broke off: ${describeCause(cause)}. Check the address and the network.`;
  return new RegistryError({ code: clientCodes.connection, message }, { status: 0 }, cause);
}

/** Makes the error of a response that did not come in time. */
export function timeoutError(url: string, timeoutMs: number): RegistryError {
  const message = `${originOf(url)} did not answer within ${timeoutMs} ms. Try again, or raise timeoutMs.`;
  return new RegistryError({ code: clientCodes.timeout, message }, { status: 0 });
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the registry';
}

function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason';
  return cause.cause instanceof Error && cause.cause.message !== '' ? cause.cause.message : cause.message;
}
