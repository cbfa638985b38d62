import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useAddress } from '../parts/address.ts';
import { Icon } from '../parts/icon.tsx';
import { useAfterPause } from '../parts/use-after-pause.ts';
import { hasSingleKeyShortcuts, isTyping } from './keys.ts';

/** Milliseconds without a key after which the search page follows what is typed. */
const pauseMs = 120;

/**
 * Search field of the header. The browser keeps its text, so that typing waits for nothing. The search page follows the
 * text after each pause; on other pages Enter leads to it.
 */
export function SearchBox() {
  const { path, query, route } = useLocation();
  const { change } = useAddress();
  const input = useRef<HTMLInputElement>(null);
  const isSearch = path === '/-/search';
  const searchedText = isSearch ? (query.q ?? '') : '';

  useEffect(() => {
    const field = input.current;
    // Leave a text that is being typed: it is newer than the address.
    if (field && document.activeElement !== field) field.value = searchedText;
  }, [searchedText, isSearch]);

  // A layout effect: the listener is there before the page is drawn, so that no key comes too early.
  useLayoutEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!hasSingleKeyShortcuts.value || isTyping(event) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      input.current?.select();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);

  const showAfterPause = useAfterPause((text: string) => {
    if (isSearch) show(text);
  }, pauseMs);
  const show = (text: string) => {
    showAfterPause.cancel();
    if (isSearch) change({ q: text.trim(), start: undefined }, { replace: true });
    else route(`/-/search?${new URLSearchParams({ q: text.trim() })}`);
  };

  return (
    <search class="search-box">
      <form
        action="/-/search"
        onSubmit={(event) => {
          event.preventDefault();
          show(input.current?.value ?? '');
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          name="q"
          class="input"
          aria-label="Search charts"
          placeholder="Search charts"
          autocomplete="off"
          spellcheck={false}
          maxLength={250}
          onInput={({ currentTarget }) => showAfterPause.call(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && input.current?.value === '') input.current.blur();
          }}
        />
        {hasSingleKeyShortcuts.value ? (
          <span class="key" aria-hidden="true">
            /
          </span>
        ) : null}
      </form>
    </search>
  );
}
