import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { announce } from './announce.tsx';
import { Button } from './button.tsx';

/**
 * Button that copies a text. `label` names what it copies, for readers who do not see what stands beside it; `caption`
 * is what it shows, `Copy` unless it is given.
 */
export function CopyButton({
  text,
  label,
  caption = 'Copy',
}: {
  text: string;
  label: string;
  caption?: string;
}) {
  const isCopied = useSignal(false);
  useEffect(() => {
    if (!isCopied.value) return;
    const timer = setTimeout(() => {
      isCopied.value = false;
    }, 2000);
    return () => clearTimeout(timer);
  }, [isCopied.value]);
  return (
    <Button
      size="small"
      aria-label={`${isCopied.value ? 'Copied' : 'Copy'} ${label}`}
      onClick={async () => {
        isCopied.value = await copyText(text);
        announce(isCopied.value ? `Copied ${label}.` : 'The browser did not let this page copy.');
      }}
    >
      {isCopied.value ? 'Copied' : caption}
    </Button>
  );
}

/** Commands or text with a button that copies them. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div class="copyable">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** Copies a text. @returns whether the browser did it */
export async function copyText(text: string): Promise<boolean> {
  // Without TLS browsers offer the clipboard on loopback alone; the selection of a field can be copied everywhere.
  if (navigator.clipboard) {
    const isDone = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    if (isDone) return true;
  }
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isDone;
}
