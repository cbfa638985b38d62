import type { ComponentChildren } from 'preact';

/** Meaning of a colour. The text must say the same. */
export type Tone = 'accent' | 'good' | 'warn' | 'danger';

/** Short mark beside a name, such as `deprecated`. */
export function Badge({
  tone,
  title,
  children,
}: {
  tone?: Tone | undefined;
  title?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <span class="badge" data-tone={tone} title={title}>
      {children}
    </span>
  );
}
