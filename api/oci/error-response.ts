import type { Context } from 'hono';
import type { ErrorCode, RegistryError } from '../../core/errors.ts';
import type { Log } from '../../core/runtime/log.ts';
import { setRegistryChallenge } from '../access/registry-challenge.ts';
import type { Env } from '../http/env.ts';
import { sendsCodeEverywhere, toRegistryError } from '../http/error-response.ts';

/**
 * Error codes of the distribution spec 1.1 ("Error Codes") for the registry's codes. Codes without an equivalent are
 * mapped by status.
 */
const codes: Partial<Record<ErrorCode, string>> = {
  'repository.invalid': 'NAME_INVALID',
  'name.invalid': 'NAME_INVALID',
  'chart.nested': 'NAME_INVALID',
  'space.notFound': 'NAME_UNKNOWN',
  'repository.notFound': 'NAME_UNKNOWN',
  'chart.notFound': 'MANIFEST_UNKNOWN',
  'version.notFound': 'MANIFEST_UNKNOWN',
  'manifest.notFound': 'MANIFEST_UNKNOWN',
  'blob.notFound': 'BLOB_UNKNOWN',
  'blobUpload.notFound': 'BLOB_UPLOAD_UNKNOWN',
  'digest.invalid': 'DIGEST_INVALID',
  'digest.mismatch': 'DIGEST_INVALID',
  'chunk.invalid': 'BLOB_UPLOAD_INVALID',
  'chunk.outOfOrder': 'BLOB_UPLOAD_INVALID',
  'request.incomplete': 'SIZE_INVALID',
  'request.tooLarge': 'MANIFEST_INVALID',
  'upload.tooLarge': 'SIZE_INVALID',
  'range.notSatisfiable': 'SIZE_INVALID',
  'manifest.incomplete': 'MANIFEST_BLOB_UNKNOWN',
  'request.invalid': 'UNSUPPORTED',
  'route.notFound': 'UNSUPPORTED',
  'route.methodNotAllowed': 'UNSUPPORTED',
  'blob.inUse': 'UNSUPPORTED',
};

/** Sends an error in the format of the OCI interface. */
export function ociErrorResponse(c: Context<Env>, log: Log, thrown: unknown): Response {
  const error = toRegistryError(c, log, thrown);
  // OCI clients retry 429 by themselves; few know 423.
  const status = error.code === 'resource.locked' || error.code === 'lock.lost' ? 429 : error.status;
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  setRegistryChallenge(c, error);
  const { message } = error;
  // The specification has no code for a damaged blob or a full disk, so the registry's code is in the details.
  const details = sendsCodeEverywhere(error) ? { ...error.details, code: error.code } : error.details;
  const entry = { code: codeOf(error, status), message, ...(details ? { detail: details } : {}) };
  return c.json({ errors: [entry] }, status);
}

function codeOf(error: RegistryError, status: number): string {
  const mapped = codes[error.code];
  if (mapped) return mapped;
  if (status === 429) return 'TOOMANYREQUESTS';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403 || status === 409) return 'DENIED';
  // All other client errors concern the chart that a manifest contains.
  return status < 500 ? 'MANIFEST_INVALID' : 'UNKNOWN';
}
