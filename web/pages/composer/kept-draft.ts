import { type Draft, eachNode } from './draft.ts';
import { fromRecipe } from './draft-of-recipe.ts';
import { toRecipe } from './recipe-of-draft.ts';

/**
 * Writes a draft as it is kept. Its callback is left out, since it may have a secret and others may use the browser.
 * Configurations are kept as they are typed, because one that cannot be read yet is not in the recipe.
 */
export function writeKeptDraft(draft: Draft): string {
  const { recipe, pointers } = toRecipe(draft);
  const ids = new Map([...eachNode(draft.root)].map((node) => [node.id, node.config]));
  const texts = Object.fromEntries([...pointers].map(([pointer, id]) => [pointer, ids.get(id) ?? '']));
  const { callback: _, ...kept } = recipe;
  return JSON.stringify({ space: draft.space, recipe: kept, texts });
}

/**
 * Keeps a draft in the browser.
 * @param key of the caller's draft
 * @returns false where the store of the browser is full or switched off
 */
export function keepDraft(draft: Draft, key: string): boolean {
  try {
    localStorage.setItem(key, writeKeptDraft(draft));
    return true;
  } catch {
    return false;
  }
}

/** Reads the kept draft as it was written. @returns null when there is none, or no store */
export function readKeptText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Reads the kept draft. @returns undefined when there is none, or one that this release cannot read */
export function readKeptDraft(key: string): Draft | undefined {
  const text = readKeptText(key);
  if (text === null) return undefined;
  try {
    const { space, recipe, texts } = JSON.parse(text);
    const draft = fromRecipe(recipe, String(space));
    const { pointers } = toRecipe(draft);
    const typed = new Map([...pointers].map(([pointer, id]) => [id, texts[pointer]]));
    for (const node of eachNode(draft.root)) {
      const config: unknown = typed.get(node.id);
      if (typeof config === 'string') node.config = config;
    }
    return draft;
  } catch {
    return undefined;
  }
}
