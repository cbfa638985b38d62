import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../button.tsx';
import { Problem } from '../states.tsx';
import { useAction } from '../use-action.ts';
import { markFault } from './mark-fault.ts';
import './form.css';

/** Form that sends its fields once at a time. A problem stays in it, at the field that it names. */
export function Form({
  action,
  send,
  onCancel,
  isWide = false,
  children,
}: {
  /** Word on the button that sends it. */
  action: string;
  send: (fields: FormData) => Promise<void>;
  /** Adds a button that closes the form. */
  onCancel?: (() => void) | undefined;
  /** Whether it is as wide as its place; one on a page is narrower, so that lines are read easily. */
  isWide?: boolean;
  children: ComponentChildren;
}) {
  const form = useRef<HTMLFormElement>(null);
  const { run, isBusy, problem } = useAction(send);
  useLayoutEffect(() => {
    if (form.current) markFault(form.current, problem?.details.pointer);
  }, [problem]);
  const isInDialog = onCancel !== undefined;
  // Mark the field at which the dialog begins. A later move of the focus would disturb who is in the next field already.
  useLayoutEffect(() => {
    const first = isInDialog && form.current?.querySelector<HTMLElement>('input, select, textarea');
    if (first) first.autofocus = true;
  }, [isInDialog]);
  return (
    <form
      ref={form}
      class={isInDialog || isWide ? 'form' : 'form form-page'}
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        run(new FormData(event.currentTarget));
      }}
    >
      {children}
      {problem ? <Problem problem={problem} /> : null}
      <footer>
        {onCancel ? <Button onClick={onCancel}>Cancel</Button> : null}
        <Button type="submit" kind="primary" isBusy={isBusy}>
          {action}
        </Button>
      </footer>
    </form>
  );
}
