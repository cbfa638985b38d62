import { signal } from '@preact/signals';

/** Whether the palette is open. The header opens it too, and needs nothing else of the palette. */
export const isPaletteOpen = signal(false);
