/** Node's codes for certificates that are not trusted, or not for this host. */
const certificateErrorCodes = /CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|SELF_SIGNED/;

/**
 * Explains why a server could not be reached, with the remedy.
 * @param setting that names its address
 * @returns undefined for an error that is not of the network
 */
export function explainNetwork(error: unknown, setting: string): string | undefined {
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens there (ECONNREFUSED): check host and port in ${setting}, and that the server runs`;
    case 'ENOTFOUND':
      return `there is no host of that name (ENOTFOUND): check the host in ${setting}`;
    case 'EAI_AGAIN':
      return `the host's name could not be looked up (EAI_AGAIN): check the host in ${setting}, and this machine's DNS`;
    case 'ENOENT':
    case 'EACCES':
      return `its socket is not there or may not be used (${code}): check the path in ${setting}`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return `it does not answer (${code}): check host and port in ${setting}, and whether a firewall is between`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `it cut the connection off (${code}): check the port in ${setting}, and whether it wants TLS`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `it does not speak TLS there (${code}): check the port in ${setting}, or ask for no TLS`;
    default:
      if (code === undefined || !certificateErrorCodes.test(code)) return undefined;
      return `its certificate is not trusted (${code}): name its authority in NODE_EXTRA_CA_CERTS, and check the host in ${setting}`;
  }
}

/** Returns the code of an error; of a host with several addresses, that of the first failure. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
