import '../styles/all.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { openPage } from './open-page.ts';
import { reloadForCode } from './reload-for-code.ts';
import { applyTheme } from './theme.ts';

reloadForCode();
openPage(location);
applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
