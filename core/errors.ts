import { boundData, boundText, maxMessageLength } from './runtime/bound-text.ts';
import { maskTokens } from './runtime/mask-tokens.ts';
import { toStorableText } from './runtime/storable-text.ts';

/**
 * Catalogue of all errors for clients: `code`, HTTP status, and the `reason` that version 1 clients switch on.
 * `retryAfter` is in seconds, for errors that pass by themselves. The message is made where the facts are
 * known. No other part of the project chooses a status.
 */
const errorCatalogue = {
  'request.invalid': { status: 400, reason: 'ReasonRequest' },
  'request.notJson': { status: 400, reason: 'ReasonRequest' },
  'request.notYaml': { status: 400, reason: 'ReasonRequest' },
  'request.duplicateKey': { status: 400, reason: 'ReasonRequest' },
  'request.tooDeep': { status: 400, reason: 'ReasonRequest' },
  'request.incomplete': { status: 400, reason: 'ReasonRequest' },
  'request.tooLarge': { status: 413, reason: 'ReasonRequest' },
  'name.invalid': { status: 400, reason: 'ReasonRequest' },
  'version.invalid': { status: 400, reason: 'ReasonRequest' },
  'upload.missingFile': { status: 400, reason: 'ReasonRequest' },
  'upload.tooLarge': { status: 413, reason: 'ReasonRequest' },
  'upload.mismatch': { status: 400, reason: 'ReasonRequest' },
  'archive.notGzip': { status: 400, reason: 'ReasonRequest' },
  'archive.notTar': { status: 400, reason: 'ReasonRequest' },
  'archive.truncated': { status: 400, reason: 'ReasonRequest' },
  'archive.tooLarge': { status: 413, reason: 'ReasonRequest' },
  'archive.tooManyEntries': { status: 413, reason: 'ReasonRequest' },
  'archive.fileTooLarge': { status: 413, reason: 'ReasonRequest' },
  'archive.unsafePath': { status: 400, reason: 'ReasonRequest' },
  'archive.link': { status: 400, reason: 'ReasonRequest' },
  'archive.sparse': { status: 400, reason: 'ReasonRequest' },
  'archive.ambiguous': { status: 400, reason: 'ReasonRequest' },
  'chart.tooLarge': { status: 413, reason: 'ReasonRequest' },
  'chart.invalid': { status: 400, reason: 'ReasonRequest' },
  'schema.invalid': { status: 400, reason: 'ReasonRequest' },
  'values.invalid': { status: 400, reason: 'ReasonRequest' },
  'metadata.invalid': { status: 400, reason: 'ReasonRequest' },
  'provenance.invalid': { status: 400, reason: 'ReasonRequest' },
  'provenance.mismatch': { status: 400, reason: 'ReasonRequest' },
  'recipe.invalid': { status: 400, reason: 'ReasonRequest' },
  'dependency.cycle': { status: 400, reason: 'ReasonRequest' },
  'callback.invalid': { status: 400, reason: 'ReasonRequest' },
  'mirror.invalid': { status: 400, reason: 'ReasonRequest' },
  'retention.invalid': { status: 400, reason: 'ReasonRequest' },
  'webhook.invalid': { status: 400, reason: 'ReasonRequest' },
  'idempotency.mismatch': { status: 422, reason: 'ReasonRequest' },
  'repository.invalid': { status: 400, reason: 'ReasonRequest' },
  'digest.invalid': { status: 400, reason: 'ReasonRequest' },
  'digest.mismatch': { status: 400, reason: 'ReasonRequest' },
  'chunk.invalid': { status: 400, reason: 'ReasonRequest' },
  'chunk.outOfOrder': { status: 416, reason: 'ReasonRequest' },
  'manifest.invalid': { status: 400, reason: 'ReasonRequest' },
  'chart.nested': { status: 400, reason: 'ReasonRequest' },
  'manifest.incomplete': { status: 400, reason: 'ReasonRequest' },
  'blob.inUse': { status: 405, reason: 'ReasonRequest' },
  'host.forbidden': { status: 403, reason: 'ReasonRequest' },
  'origin.forbidden': { status: 403, reason: 'ReasonRequest' },
  'access.unauthenticated': { status: 401, reason: 'ReasonRequest' },
  'access.insufficientScope': { status: 401, reason: 'ReasonRequest' },
  'access.denied': { status: 403, reason: 'ReasonRequest' },
  'quota.exceeded': { status: 403, reason: 'ReasonRequest' },
  'access.tooManyFailures': { status: 429, reason: 'ReasonRequest' },
  'access.open': { status: 409, reason: 'ReasonRequest' },
  'device.pending': { status: 400, reason: 'ReasonRequest' },
  'device.slowDown': { status: 400, reason: 'ReasonRequest' },
  'device.denied': { status: 400, reason: 'ReasonRequest' },
  'device.expired': { status: 400, reason: 'ReasonRequest' },
  'route.notFound': { status: 404, reason: 'ReasonInternal' },
  'route.methodNotAllowed': { status: 405, reason: 'ReasonRequest' },
  'space.notFound': { status: 404, reason: 'ReasonInternal' },
  'chart.notFound': { status: 404, reason: 'ReasonInternal' },
  'version.notFound': { status: 404, reason: 'ReasonInternal' },
  'dependency.notFound': { status: 404, reason: 'ReasonInternal' },
  'source.notFound': { status: 404, reason: 'ReasonInternal' },
  'provenance.notFound': { status: 404, reason: 'ReasonInternal' },
  'file.notFound': { status: 404, reason: 'ReasonInternal' },
  'icon.notFound': { status: 404, reason: 'ReasonInternal' },
  'values.notFound': { status: 404, reason: 'ReasonInternal' },
  'lineage.notFound': { status: 404, reason: 'ReasonInternal' },
  'repository.notFound': { status: 404, reason: 'ReasonInternal' },
  'manifest.notFound': { status: 404, reason: 'ReasonInternal' },
  'blob.notFound': { status: 404, reason: 'ReasonInternal' },
  'blobUpload.notFound': { status: 404, reason: 'ReasonInternal' },
  'job.notFound': { status: 404, reason: 'ReasonInternal' },
  'follow.notFound': { status: 404, reason: 'ReasonInternal' },
  'principal.notFound': { status: 404, reason: 'ReasonInternal' },
  'member.notFound': { status: 404, reason: 'ReasonInternal' },
  'token.notFound': { status: 404, reason: 'ReasonInternal' },
  'device.notFound': { status: 404, reason: 'ReasonInternal' },
  'trustRule.notFound': { status: 404, reason: 'ReasonInternal' },
  'mirror.notFound': { status: 404, reason: 'ReasonInternal' },
  'mirror.runNotFound': { status: 404, reason: 'ReasonInternal' },
  'retentionRun.notFound': { status: 404, reason: 'ReasonInternal' },
  'deletion.notFound': { status: 404, reason: 'ReasonInternal' },
  'webhook.notFound': { status: 404, reason: 'ReasonInternal' },
  'delivery.notFound': { status: 404, reason: 'ReasonInternal' },
  'space.exists': { status: 409, reason: 'ReasonInternal' },
  'version.exists': { status: 409, reason: 'ReasonInternal' },
  'version.changed': { status: 409, reason: 'ReasonInternal' },
  'version.composing': { status: 409, reason: 'ReasonInternal' },
  'provenance.exists': { status: 409, reason: 'ReasonInternal' },
  'tag.isVersion': { status: 409, reason: 'ReasonInternal' },
  'principal.exists': { status: 409, reason: 'ReasonInternal' },
  'principal.lastAdmin': { status: 409, reason: 'ReasonInternal' },
  'member.lastOwner': { status: 409, reason: 'ReasonInternal' },
  'token.exists': { status: 409, reason: 'ReasonInternal' },
  'token.final': { status: 409, reason: 'ReasonInternal' },
  'token.rotated': { status: 409, reason: 'ReasonInternal' },
  'token.tooMany': { status: 409, reason: 'ReasonInternal' },
  'trustRule.exists': { status: 409, reason: 'ReasonInternal' },
  'trustRule.tooMany': { status: 409, reason: 'ReasonInternal' },
  'retention.noRules': { status: 409, reason: 'ReasonInternal' },
  'retention.running': { status: 409, reason: 'ReasonInternal' },
  'retention.halted': { status: 409, reason: 'ReasonInternal' },
  'deletion.final': { status: 409, reason: 'ReasonInternal' },
  'webhook.tooMany': { status: 409, reason: 'ReasonInternal' },
  'webhook.paused': { status: 409, reason: 'ReasonInternal' },
  'space.mirrored': { status: 409, reason: 'ReasonInternal' },
  'version.immutable': { status: 409, reason: 'ReasonInternal' },
  'job.final': { status: 409, reason: 'ReasonInternal' },
  'follow.cycle': { status: 409, reason: 'ReasonRequest' },
  'job.cancelled': { status: 409, reason: 'ReasonInternal' },
  'resource.locked': { status: 423, reason: 'ResourceLocking', retryAfter: 1 },
  'lock.lost': { status: 423, reason: 'ResourceLocking', retryAfter: 1 },
  'range.notSatisfiable': { status: 416, reason: 'ReasonRequest' },
  'index.tooLarge': { status: 500, reason: 'ReasonInternal' },
  'service.busy': { status: 503, reason: 'ReasonInternal', retryAfter: 5 },
  'queue.full': { status: 503, reason: 'ReasonInternal', retryAfter: 10 },
  'blob.damaged': { status: 500, reason: 'ReasonInternal' },
  'blob.missing': { status: 500, reason: 'ReasonInternal' },
  'storage.full': { status: 503, reason: 'ReasonInternal', retryAfter: 60 },
  internal: { status: 500, reason: 'ReasonInternal' },
  'service.unavailable': { status: 503, reason: 'ReasonInternal', retryAfter: 1 },
} as const;

/** Stable code of an error. */
export type ErrorCode = keyof typeof errorCatalogue;
/** Reason of an error in API version 1. */
export type ErrorReason = (typeof errorCatalogue)[ErrorCode]['reason'];
/** Every code, for schemas of the interface. */
export const errorCodes: readonly ErrorCode[] = Object.keys(errorCatalogue).filter(isErrorCode);
/** HTTP status of an error. */
export type ErrorStatus = (typeof errorCatalogue)[ErrorCode]['status'];

/**
 * Details for programs. `pointer` is an RFC 6901 JSON pointer into the request body, `retryAfterSeconds` says more
 * exactly than the catalogue when to retry.
 */
export type ErrorDetails = { pointer?: string; retryAfterSeconds?: number } & Record<string, unknown>;

/** Body of an error response: API version 1's `message` and `reason`, and the stable `code`. */
export interface ErrorBody {
  message: string;
  reason: ErrorReason;
  code: ErrorCode;
  details?: ErrorDetails;
}

/**
 * Error that a client can act on. Any other thrown value is a fault of the registry and becomes `internal`. Messages
 * and details quote what the client sent, so tokens in them are masked here, for every interface, log and job.
 */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails) {
    super(boundText(maskTokens(message), maxMessageLength));
    this.name = 'RegistryError';
    this.code = code;
    this.details = details && boundDetails(details);
  }

  get status(): ErrorStatus {
    return errorCatalogue[this.code].status;
  }

  /** Seconds after which a retry may succeed; undefined when it will not by itself. */
  get retryAfter(): number | undefined {
    if (this.details?.retryAfterSeconds !== undefined) return this.details.retryAfterSeconds;
    const entry = errorCatalogue[this.code];
    return 'retryAfter' in entry ? entry.retryAfter : undefined;
  }

  toBody(): ErrorBody {
    const body: ErrorBody = {
      message: this.message,
      reason: errorCatalogue[this.code].reason,
      code: this.code,
    };
    return this.details ? { ...body, details: this.details } : body;
  }
}

/** Bounds the details of every error, wherever they quote names, keys, patterns or pointers. */
function boundDetails(details: ErrorDetails): ErrorDetails {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [toStorableText(maskTokens(key)), boundData(value)]),
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

/**
 * Returns the HTTP status of a code that was stored with a job. The status is 500 for an unknown code of an older
 * release.
 */
export function httpStatusOfCode(code: string): ErrorStatus {
  return isErrorCode(code) ? errorCatalogue[code].status : 500;
}

/** Tells whether a thrown value is a `RegistryError`, optionally with a given code. */
export function isRegistryError(error: unknown, code?: ErrorCode): error is RegistryError {
  return error instanceof RegistryError && (code === undefined || error.code === code);
}
