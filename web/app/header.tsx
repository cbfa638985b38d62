import { useLocation } from 'preact-iso';
import { announce } from '../parts/announce.tsx';
import { Icon } from '../parts/icon.tsx';
import { AccountMenu } from './account-menu.tsx';
import { navigation } from './navigation.ts';
import { isPaletteOpen } from './palette/state.ts';
import { SearchBox } from './search-box.tsx';
import { nextTheme, theme } from './theme.ts';

/** Bar of every page: brand, pages, search, palette, theme, account. */
export function Header() {
  const { path } = useLocation();
  return (
    <header class="bar">
      <a class="brand" href="/-/">
        <img src="/-/icon.svg" alt="" width="24" height="24" /> <span>Helm registry</span>
      </a>
      <nav aria-label="Pages">
        {navigation.map(({ href, label, owns }) => (
          <a key={href} href={href} aria-current={owns(path) ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <SearchBox />
      <div class="tools">
        <button
          type="button"
          class="tool"
          title="Go anywhere, do anything (Ctrl-K)"
          aria-label="Commands, Ctrl-K"
          aria-haspopup="dialog"
          onClick={() => {
            isPaletteOpen.value = true;
          }}
        >
          <Icon name="command" />
        </button>
        <button
          type="button"
          class="tool"
          title={`Theme: ${theme.value}`}
          aria-label={`Theme: ${theme.value}. Change to ${nextTheme(theme.value)}`}
          onClick={() => {
            theme.value = nextTheme(theme.value);
            announce(`Theme: ${theme.value}.`);
          }}
        >
          <Icon name={theme.value} />
        </button>
        <AccountMenu />
      </div>
    </header>
  );
}
