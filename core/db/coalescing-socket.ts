import { Socket } from 'node:net';

/**
 * Sends all writes of one turn of the event loop as one packet. Queries that do not wait for one another so
 * travel together. (pg corks the stream before it writes many small parts.)
 */
export class CoalescingSocket extends Socket {
  #corked = false;

  override cork(): void {
    if (!this.#corked) {
      this.#corked = true;
      super.cork();
      process.nextTick(() => {
        this.#corked = false;
        super.uncork();
      });
    }
    super.cork();
  }
}
