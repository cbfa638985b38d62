/** Options of every call. */
export interface CallOptions {
  /** Ends the call; it then rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Milliseconds within which the response must be there; a minute if absent, unlimited for uploads. */
  timeoutMs?: number | undefined;
  /** Times that a failed call is repeated, where that is safe; that of the client if absent. */
  retries?: number | undefined;
}

/** Text of a token, or the way to it for tokens that change. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

/** Options of a client. */
export interface ClientOptions {
  /** Address of the registry, as `https://charts.example.com`; it may have a path. */
  url: string;
  /** Token of a user, a service account or a workload. */
  token?: TokenSource | undefined;
  /** Name and password, in place of a token. */
  basic?: { user: string; password: string } | undefined;
  /** Whether cookies are sent, as for a session of a browser; `same-origin` if absent. */
  credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /** Function in place of the platform's `fetch`, for proxies and tests. */
  fetch?: typeof fetch | undefined;
  /** Times that a failed call is repeated, where that is safe; 2 if absent. */
  retries?: number | undefined;
  /** Milliseconds within which responses must be there; a minute if absent. */
  timeoutMs?: number | undefined;
}
