import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Reason of a command's end when the reader of its output is gone, as `head` is after its lines. */
export const outputClosedReason = Symbol('outputClosed');

/** Listener for interruptions of a command: Ctrl-C, a signal, or the end of its output. */
export interface InterruptListener {
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Ends a command in good order at a signal, and at once at the second. A reader of its output that goes away ends it
 * too.
 */
export function listenForInterrupts(): InterruptListener {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new CommandError('interrupted', exitCodes.interrupted));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  const onStreamError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    controller.abort(outputClosedReason);
  };
  process.stdout.on('error', onStreamError);
  process.stderr.on('error', onStreamError);
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
