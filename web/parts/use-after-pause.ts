import { useEffect, useRef } from 'preact/hooks';

/** Calls of a function that wait for a pause. */
export interface AfterPause<Input> {
  /** Calls the function after the pause; a call that still waits is dropped. */
  call: (input: Input) => void;
  /** Drops the call that waits. */
  cancel: () => void;
}

/**
 * Calls a function once nothing has asked for it for some milliseconds. The function of the last render is called, since
 * the page may have changed meanwhile; a component that is gone calls nothing.
 */
export function useAfterPause<Input>(act: (input: Input) => void, pauseMs: number): AfterPause<Input> {
  const latest = useRef(act);
  latest.current = act;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const cancel = () => clearTimeout(timer.current);
  useEffect(() => cancel, []);
  return {
    cancel,
    call(input) {
      cancel();
      timer.current = setTimeout(() => latest.current(input), pauseMs);
    },
  };
}
