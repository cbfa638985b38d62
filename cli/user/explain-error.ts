import { clientCodes, isRegistryError, type RegistryError } from '../../client/src/index.ts';
import { CommandError } from './command-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** Line for the user, and the exit code of the command. */
export interface Explanation {
  message: string;
  exitCode: ExitCode;
}

/** Explains what a command has thrown; undefined for a fault of the program. */
export function explainError(error: unknown): Explanation | undefined {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (isRegistryError(error)) return { message: messageOf(error), exitCode: exitCodeOf(error) };
  // An error with a code comes from the system: a file that is not there, a disk that is full.
  if (error instanceof Error && 'code' in error)
    return { message: `cannot go on: ${error.message}`, exitCode: exitCodes.failed };
  return undefined;
}

/** Chooses the exit code for an error of the registry or the connection. */
export function exitCodeOf({ status, code, details }: RegistryError): ExitCode {
  if (code === clientCodes.timeout) return exitCodes.timeout;
  // The client throws the error of a job that failed with the job's id, and without the status of a response.
  if (status === 0 && 'job' in details) return exitCodes.jobFailed;
  if (status === 404) return exitCodes.notFound;
  if (status === 401 || status === 403) return exitCodes.access;
  if (status === 409 || status === 412 || status === 423) return exitCodes.conflict;
  return exitCodes.failed;
}

function messageOf(error: RegistryError): string {
  const certificate = explainCertificate(error);
  if (certificate !== undefined) return certificate;
  const { message, code, status, details, requestId } = error;
  const pointer =
    typeof details.pointer === 'string' && details.pointer !== '' ? ` at ${details.pointer}` : '';
  const request = status >= 500 && requestId !== undefined ? `, request ${requestId}` : '';
  const advice = status === 401 ? ' Log in with `helm-registry login`.' : '';
  return `${message}${advice} (${code}${pointer}${request})`;
}

const unknownAuthorityCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Explains a certificate that is not accepted; undefined for every other error. */
function explainCertificate(error: RegistryError): string | undefined {
  const code = causeCode(error);
  if (unknownAuthorityCodes.has(code))
    return `the certificate of the registry is signed by an authority that this machine does not know (${code}). If it is yours, name a file with the certificate of the authority in NODE_EXTRA_CA_CERTS.`;
  if (code === 'CERT_HAS_EXPIRED') return `the certificate of the registry has expired (${code}).`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of the registry is for another host (${code}). Check the address.`;
  return undefined;
}

/** Finds the code of the system below an error of the client. fetch wraps it once more. */
export function causeCode(error: unknown): string {
  let cause: unknown = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause instanceof Error && depth < 4; depth += 1) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    cause = cause.cause;
  }
  return '';
}
