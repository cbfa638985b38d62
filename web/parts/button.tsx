import type { ButtonHTMLAttributes } from 'preact';

interface Properties extends Omit<ButtonHTMLAttributes, 'size'> {
  kind?: 'primary' | 'danger' | 'quiet' | undefined;
  size?: 'small' | undefined;
  /** While true the button does nothing, and keeps the focus. */
  isBusy?: boolean | undefined;
  /** While true there is nothing for the button to do; it keeps the focus, which a disabled one loses. */
  isIdle?: boolean | undefined;
}

/** Button; in a form it sends only with `type="submit"`. */
export function Button({ kind, size, isBusy, isIdle, onClick, children, ...rest }: Properties) {
  return (
    <button
      type="button"
      {...rest}
      class="button"
      data-kind={kind}
      data-size={size}
      aria-disabled={isBusy || isIdle ? 'true' : undefined}
      onClick={(event) => {
        if (isBusy || isIdle) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {children}
    </button>
  );
}
