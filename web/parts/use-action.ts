import { useSignal } from '@preact/signals';
import { type RequestProblem, toProblem } from '../api/problem.ts';

/** Something that a button does. */
export interface Action<Input> {
  run: (input: Input) => void;
  isBusy: boolean;
  /** Problem of the last run. */
  problem: RequestProblem | undefined;
}

/** Runs what a button does, once at a time, and keeps its problem. */
export function useAction<Input>(act: (input: Input) => Promise<void>): Action<Input> {
  const isBusy = useSignal(false);
  const problem = useSignal<RequestProblem | undefined>(undefined);
  return {
    isBusy: isBusy.value,
    problem: problem.value,
    async run(input) {
      if (isBusy.peek()) return;
      isBusy.value = true;
      problem.value = undefined;
      try {
        await act(input);
      } catch (error) {
        problem.value = toProblem(error);
      } finally {
        isBusy.value = false;
      }
    },
  };
}
