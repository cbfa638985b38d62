import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { announce } from '../announce.tsx';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { Form } from './form.tsx';

/** Button that opens a form in a dialog. The dialog closes once the form is sent. */
export function FormButton({
  label,
  of,
  title,
  action,
  kind,
  size,
  send,
  done,
  children,
}: {
  /** Word on the button. */
  label: string;
  /** Name of the thing, where several buttons have the same word. */
  of?: string;
  title: string;
  /** Word on the button that sends the form. */
  action: string;
  kind?: 'primary' | undefined;
  size?: 'small' | undefined;
  send: (fields: FormData) => Promise<void>;
  /** Announces to screen readers that it is done. */
  done: string;
  children: ComponentChildren;
}) {
  const isOpen = useSignal(false);
  const close = () => {
    isOpen.value = false;
  };
  return (
    <>
      <Button
        kind={kind}
        size={size}
        aria-label={of === undefined ? undefined : `${label} ${of}`}
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {label}
      </Button>
      <Dialog title={title} isOpen={isOpen.value} onClose={close}>
        <Form
          action={action}
          onCancel={close}
          send={async (fields) => {
            await send(fields);
            close();
            announce(done);
          }}
        >
          {children}
        </Form>
      </Dialog>
    </>
  );
}
