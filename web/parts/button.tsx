import type { ButtonHTMLAttributes } from 'preact';

interface Properties extends Omit<ButtonHTMLAttributes, 'size'> {
  kind?: 'primary' | 'danger' | 'quiet' | undefined;
  size?: 'small' | undefined;
  /** While true the button does nothing, and keeps the focus. */
  isBusy?: boolean | undefined;
}

/** Button; in a form it sends only with `type="submit"`. */
export function Button({ kind, size, isBusy, onClick, children, ...rest }: Properties) {
  return (
    <button
      type="button"
      {...rest}
      class="button"
      data-kind={kind}
      data-size={size}
      aria-disabled={isBusy ? 'true' : undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {children}
    </button>
  );
}
