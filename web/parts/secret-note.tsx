import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';
import { Copyable } from './copy-button.tsx';
import './secret-note.css';

/** Secret that is shown this once, until the reader says that it is kept. The focus moves to it. */
export function SecretNote({
  title,
  secret,
  label,
  onDone,
  children,
}: {
  title: string;
  secret: string;
  /** Name of the secret for the button that copies it. */
  label: string;
  onDone: () => void;
  /** Instructions for its use. */
  children?: ComponentChildren;
}) {
  const note = useRef<HTMLElement>(null);
  const id = useId();
  useEffect(() => note.current?.focus(), [secret]);
  return (
    <section ref={note} class="note secret-note" data-tone="good" aria-labelledby={id} tabIndex={-1}>
      <h2 id={id}>{title}</h2>
      <p>Copy it now. It is shown this once, and nobody can look it up later.</p>
      <Copyable text={secret} label={label} />
      {children}
      <p>
        <Button onClick={onDone}>I have stored it</Button>
      </p>
    </section>
  );
}
