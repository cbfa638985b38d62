/** Reads a setting of this browser; none where it keeps nothing for pages. */
export function readSetting(name: string): string | undefined {
  try {
    return localStorage.getItem(`helm-registry.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a setting in this browser, or forgets it. */
export function writeSetting(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`helm-registry.${name}`);
    else localStorage.setItem(`helm-registry.${name}`, value);
  } catch {
    // Browsers may refuse storage: the setting lasts as long as the page.
  }
}
