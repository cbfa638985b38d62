import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { RequestProblem } from '../api/problem.ts';
import { Button } from './button.tsx';
import { Problem } from './states.tsx';

/** Dialog over the page while `isOpen`. The browser keeps the focus inside, and Escape closes it. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the effects of the page, so that one of them may move the focus that the browser returns.
  useLayoutEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen && dialog.current?.open) dialog.current.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      {isOpen ? (
        <>
          <header>
            <h2 id={id}>{title}</h2>
            <Button kind="quiet" size="small" aria-label="Close" onClick={onClose}>
              ✕
            </Button>
          </header>
          <div class="body">{children}</div>
        </>
      ) : null}
    </dialog>
  );
}

/** Question before what cannot be undone. */
export function Confirm({
  title,
  isOpen,
  action,
  isBusy,
  problem,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  isOpen: boolean;
  /** Word on the button that does it. */
  action: string;
  isBusy?: boolean | undefined;
  /** Problem of the last try, for a question that stays until it is done. */
  problem?: RequestProblem | undefined;
  onConfirm: () => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <div>{children}</div>
      {problem ? <Problem problem={problem} /> : null}
      <footer>
        <Button onClick={onClose}>Keep</Button>
        <Button kind="danger" isBusy={isBusy} onClick={onConfirm}>
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}
