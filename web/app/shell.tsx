import type { ComponentChildren } from 'preact';
import { Announcer } from '../parts/announce.tsx';
import { Header } from './header.tsx';
import { Palette } from './palette/palette.tsx';

/** Frame of every page: header, place of the page, live region, palette. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Announcer />
      <Palette />
    </>
  );
}
