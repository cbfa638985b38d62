import '../styles/all.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { loadPageAhead } from './load-page-ahead.ts';
import { reloadForCode } from './reload-for-code.ts';
import { applyTheme } from './theme.ts';

reloadForCode();
loadPageAhead(location);
applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
