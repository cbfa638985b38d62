import '../styles/all.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { applyExactTimes } from './exact-times.ts';
import { loadPageAhead } from './load-page-ahead.ts';
import { reloadForCode } from './reload-for-code.ts';
import { applyTheme } from './theme.ts';

reloadForCode();
loadPageAhead(location);
applyTheme();
applyExactTimes();
const root = document.getElementById('app');
if (root) render(<App />, root);
