import { effect, signal } from '@preact/signals';
import { readSetting, writeSetting } from './settings.ts';

/** Whether keys without Ctrl do something; who speaks to the computer switches them off. */
export const hasSingleKeyShortcuts = signal(readSetting('keys') !== 'off');

effect(() => writeSetting('keys', hasSingleKeyShortcuts.value ? undefined : 'off'));

/** Tells whether a key press is text for a field. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
