import { effect, signal } from '@preact/signals';
import { readSetting, writeSetting } from './settings.ts';

/** Colours: those of the system, or always light or dark. */
export const themes = ['system', 'light', 'dark'] as const;

export type Theme = (typeof themes)[number];

/** Chosen theme, kept in the browser. */
export const theme = signal<Theme>(themes.find((name) => name === readSetting('theme')) ?? 'system');

/** Shows the theme now and when it changes. */
export function applyTheme(): void {
  effect(() => {
    if (theme.value === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.dataset.theme = theme.value;
    writeSetting('theme', theme.value === 'system' ? undefined : theme.value);
  });
}

/** Theme that comes after one. */
export function nextTheme(name: Theme): Theme {
  return themes[(themes.indexOf(name) + 1) % themes.length] ?? 'system';
}
