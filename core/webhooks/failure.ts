import { addressRefusedCode } from './connect.ts';

const failureSentences: Record<string, string> = {
  [addressRefusedCode]:
    'The address is loopback, private or otherwise not public, and this registry is not set to call it: WEBHOOK_ALLOW says which of these it may call.',
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was reset before the answer was complete.',
  EPIPE: 'The connection was closed before the call was complete.',
  UND_ERR_SOCKET: 'The connection was closed before the answer was complete.',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'The answer was not as long as it said.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The network of the host cannot be reached.',
  EADDRNOTAVAIL: 'The host cannot be reached.',
  ENOTFOUND: 'The name of the host cannot be resolved.',
  ENODATA: 'The name of the host has no address.',
  EAI_AGAIN: 'The name of the host could not be resolved for now.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The TLS certificate is for another host.',
  CERT_HAS_EXPIRED: 'The TLS certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The TLS certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The TLS certificate is signed by an authority that is not known here.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The TLS certificate is signed by an authority that is not known here.',
  UND_ERR_HEADERS_OVERFLOW: 'The headers of the answer are too long.',
};

/**
 * Explains a failed call in a sentence, for readers of the list of deliveries. The error's own text is not
 * used: it may contain addresses inside the network.
 */
export function describeFailure(error: unknown, timeoutMs: number): string {
  const code = codeOf(error);
  if (code === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return `No complete answer within ${timeoutMs / 1000} s.`;
  }
  if (code.startsWith('HPE_') || code === 'HTTPParserError') return 'The answer is not HTTP.';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'The host does not speak TLS as it should.';
  return failureSentences[code] ?? `The call failed${code === '' ? '' : ` (${code})`}.`;
}

/** Returns an error's code, or its name where it has none, as with an abort. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
