import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { searchQuery, spacesQuery, whoAmIQuery } from '../../api/lists.ts';
import { type LoadedData, useData } from '../../api/use-data.ts';
import { useDebounced } from '../../parts/use-debounced.ts';
import { hasAllWords, listPaletteEntries, type PaletteEntry } from './entries.ts';
import { Entries, optionId } from './options.tsx';
import { isPaletteOpen } from './state.ts';

/** Palette of commands: Ctrl-K opens it, arrows choose, Enter goes. A combobox as ARIA describes it. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  // A layout effect: the listener is there before the page is drawn, so that no key comes too early.
  useLayoutEffect(() => {
    const toggle = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      event.preventDefault();
      isPaletteOpen.value = !isPaletteOpen.value;
    };
    addEventListener('keydown', toggle);
    return () => removeEventListener('keydown', toggle);
  }, []);
  const isOpen = isPaletteOpen.value;
  // A layout effect: the close event of a dialog comes later, and must find a dialog that has been opened again.
  useLayoutEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen) dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="Commands"
      // A click beside it closes it.
      closedby="any"
      onClose={({ currentTarget }) => {
        // The event comes later: the palette may be open again.
        if (!currentTarget.open) isPaletteOpen.value = false;
      }}
    >
      {isOpen ? <PaletteSearch /> : null}
    </dialog>
  );
}

function PaletteSearch() {
  const { route } = useLocation();
  const text = useSignal('');
  const chosen = useSignal<string | undefined>(undefined);
  const searchedText = useDebounced(text.value.trim(), 120);
  const charts = useData(
    searchQuery,
    searchedText === '' ? undefined : { query: { q: searchedText }, page: { limit: 8 } },
  );
  const spaces = useData(spacesQuery, { filter: { q: searchedText }, page: { limit: 5 } });
  const me = useData(whoAmIQuery, 'me');
  const isCurrent = searchedText === text.value.trim();
  const entries = listPaletteEntries(
    text.value,
    {
      charts: text.value.trim() === '' ? [] : fittingItems(charts, isCurrent, text.value),
      spaces: fittingItems(spaces, isCurrent, text.value),
    },
    me.value,
  );
  // By its id: what the registry finds later moves the lines, and Enter takes the line that was chosen.
  const at = Math.max(
    0,
    entries.findIndex(({ id }) => id === chosen.value),
  );

  const run = ({ action }: PaletteEntry) => {
    isPaletteOpen.value = false;
    if (typeof action === 'string') route(action);
    else action();
  };
  const move = (event: KeyboardEvent, to: number) => {
    event.preventDefault();
    const place = (to + entries.length) % Math.max(1, entries.length);
    chosen.value = entries[place]?.id;
    document.getElementById(optionId(place))?.scrollIntoView({ block: 'nearest' });
  };

  return (
    <>
      <input
        class="palette-input"
        type="text"
        role="combobox"
        aria-label="Charts, spaces, pages and actions"
        aria-expanded="true"
        aria-controls="palette-options"
        aria-autocomplete="list"
        aria-activedescendant={entries.length > 0 ? optionId(at) : undefined}
        placeholder="Go to a chart, a space or a page"
        autocomplete="off"
        spellcheck={false}
        // biome-ignore lint/a11y/noAutofocus: a dialog begins at its first field.
        autoFocus
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          chosen.value = undefined;
        }}
        onKeyDown={(event) => {
          const entry = entries[at];
          if (event.key === 'ArrowDown') move(event, at + 1);
          else if (event.key === 'ArrowUp') move(event, at - 1);
          else if (event.key === 'Enter' && entry && !event.isComposing) {
            event.preventDefault();
            run(entry);
          }
        }}
      />
      <Entries entries={entries} chosen={at} onRun={run} />
      <p class="palette-foot small muted" aria-live="polite">
        <span>{entries.length === 0 ? 'Nothing has this name.' : `${entries.length} found`}</span>
        <span aria-hidden="true">
          <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> go · <kbd>Esc</kbd> close
        </span>
      </p>
    </>
  );
}

/** Lists what was found for a text; until the answer comes, what fits of the former one. */
function fittingItems<Item extends { name: string }>(
  { value, isOld }: LoadedData<{ items: readonly Item[] }>,
  isCurrent: boolean,
  text: string,
): readonly Item[] {
  const items = value?.items ?? [];
  return isCurrent && !isOld ? items : items.filter(({ name }) => hasAllWords(name, text));
}
