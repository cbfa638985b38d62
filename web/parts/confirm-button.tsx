import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { announce } from './announce.tsx';
import { Button } from './button.tsx';
import { Confirm } from './dialog.tsx';
import { useAction } from './use-action.ts';

/** Button for an action with consequences. The button asks first, and the question stays with its problem until it is done. */
export function ConfirmButton({
  label,
  of,
  action = label,
  act,
  done,
  size,
  isHarmless = false,
  children,
}: {
  /** Word on the button. */
  label: string;
  /** Name of the thing, which the question has as well. */
  of: string;
  /** Word on the button of the question. */
  action?: string;
  act: () => Promise<void>;
  /** Announces to screen readers that it is done. */
  done: string;
  size?: 'small';
  /** Whether nothing is lost by it, so that the button need not warn. */
  isHarmless?: boolean;
  children: ComponentChildren;
}) {
  const isAsking = useSignal(false);
  const confirmation = useAction(async () => {
    await act();
    isAsking.value = false;
    announce(done);
  });
  const { isBusy, problem } = confirmation;
  return (
    <>
      <Button
        {...(size && { size })}
        kind={isHarmless ? undefined : 'danger'}
        aria-label={`${label} ${of}`}
        onClick={() => {
          isAsking.value = true;
        }}
      >
        {label}
      </Button>
      <Confirm
        title={`${label} ${of}?`}
        isOpen={isAsking.value}
        action={action}
        isBusy={isBusy}
        problem={problem}
        onConfirm={() => confirmation.run(undefined)}
        onClose={() => {
          isAsking.value = false;
        }}
      >
        {children}
      </Confirm>
    </>
  );
}
