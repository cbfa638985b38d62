import { signal } from '@preact/signals';

const announced = signal('');

/** Tells a result to readers who do not see the page change. */
export function announce(text: string): void {
  // Readers speak a text that comes twice only where it differs.
  announced.value = announced.peek() === text ? `${text}\u00a0` : text;
}

/** Live region of {@link announce}; the frame has the only one. */
export function Announcer() {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {announced.value}
    </div>
  );
}
