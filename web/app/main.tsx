import '../styles/all.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { applyExactTimes } from './exact-times.ts';
import { loadPageAhead } from './load-page-ahead.ts';
import { reloadOnMissingCode } from './reload-on-missing-code.ts';
import { applyTheme } from './theme.ts';

reloadOnMissingCode();
loadPageAhead(location);
applyTheme();
applyExactTimes();
const root = document.getElementById('app');
if (root) render(<App />, root);
