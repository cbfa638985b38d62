import { Socket } from 'node:net';

/**
 * A connection that sends what is written within one turn of the event loop as one packet: queries that wait for nobody's
 * answer travel together. (Writers of many small parts, as pg is, cork a stream before the first.)
 */
export class JoinedSocket extends Socket {
  #held = false;

  override cork(): void {
    if (!this.#held) {
      this.#held = true;
      super.cork();
      process.nextTick(() => {
        this.#held = false;
        super.uncork();
      });
    }
    super.cork();
  }
}
