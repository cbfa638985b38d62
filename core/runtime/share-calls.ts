/** Runs a call, or joins the running call of the same key. */
export type SharedCall<Key, Answer> = (key: Key, call: () => Promise<Answer>) => Promise<Answer>;

/**
 * Creates a function whose simultaneous callers of one key share a call. All callers get the answer or error of that
 * call. A caller that comes after the end starts a new call.
 */
export function shareCalls<Key, Answer>(): SharedCall<Key, Answer> {
  const running = new Map<Key, Promise<Answer>>();
  return (key, call) => {
    const joined = running.get(key);
    if (joined) return joined;
    const started = call().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
