import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createComposer } from './composer-state.ts';
import { createDraft } from './draft.ts';
import { forgetDrafts, forgetDraftsOnLeaving } from './forget-draft.ts';
import { readKeptDraft, writeKeptDraft } from './kept-draft.ts';
import { startKeepingDraft } from './start-keeping-draft.ts';

// The parts of a browser that keep a draft, and count how often it is written.
const kept = new Map<string, string>();
const setItem = vi.fn((key: string, text: string) => void kept.set(key, text));
const events = new EventTarget();

beforeEach(() => {
  kept.clear();
  setItem.mockClear();
  vi.useFakeTimers();
  const getItem = (key: string) => kept.get(key) ?? null;
  vi.stubGlobal('localStorage', { getItem, setItem, removeItem: (key: string) => kept.delete(key) });
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function startTyping() {
  const draft = signal(createDraft('shop'));
  const keeping = startKeepingDraft(draft, 'mine');
  const type = (chart: string) => {
    draft.value = { ...draft.value, chart };
  };
  return { ...keeping, draft, type };
}

const nameOfKept = () => readKeptDraft('mine')?.chart;

it('a draft is written once after a pause, and not for each letter', () => {
  const { close, type } = startTyping();
  for (const text of ['s', 'st', 'sto', 'store']) type(text);
  expect(setItem).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(setItem).toHaveBeenCalledOnce();
  expect(nameOfKept()).toBe('store');
  close();
  expect(setItem).toHaveBeenCalledOnce();
});

it('a page that is left keeps the last letter, and so does a composer that ends', () => {
  const { close, type } = startTyping();
  type('sto');
  events.dispatchEvent(new Event('pagehide'));
  expect(nameOfKept()).toBe('sto');
  type('store');
  close();
  expect(nameOfKept()).toBe('store');
});

it.each([
  ['all', () => forgetDrafts()],
  ['all but another', () => forgetDrafts('other')],
])('a draft that is forgotten is not written afterwards: %s', (_, forget) => {
  const { close, type } = startTyping();
  type('store');
  forget();
  vi.runAllTimers();
  close();
  expect(setItem).not.toHaveBeenCalled();
});

it.each([
  ['the log-out', ['beforeunload'], undefined],
  ['another page, since the log-out was called off', ['beforeunload', 'beforeunload'], 'store'],
])('drafts are forgotten once the log-out leaves the page: it is left for %s', (_, asked, left) => {
  forgetDraftsOnLeaving();
  const { close, type } = startTyping();
  type('store');
  for (const name of [...asked, 'pagehide']) events.dispatchEvent(new Event(name));
  close();
  expect(nameOfKept()).toBe(left);
});

/** Another tab keeps a draft, of which this one hears. */
function keepElsewhere(chart: string) {
  const newValue = writeKeptDraft({ ...createDraft('shop'), chart });
  kept.set('mine', newValue);
  events.dispatchEvent(Object.assign(new Event('storage'), { key: 'mine', newValue }));
}

it('a draft of another tab is not written over before one is chosen, and this one survives its composer', () => {
  const first = startTyping();
  first.type('here');
  vi.runAllTimers();
  keepElsewhere('here');
  expect(first.hasOther.value).toBe(false);
  keepElsewhere('there');
  expect(first.hasOther.value).toBe(true);
  first.type('here too');
  vi.runAllTimers();
  const leaving = new Event('beforeunload', { cancelable: true });
  events.dispatchEvent(leaving);
  expect(leaving.defaultPrevented).toBe(true);
  first.close();
  expect(nameOfKept()).toBe('there');
  const composer = createComposer('mine');
  expect(composer.draft.value.chart).toBe('here too');
  expect(composer.hasOther.value).toBe(true);
  composer.takeOther();
  expect(composer.draft.value.chart).toBe('there');
  composer.undo();
  expect(composer.draft.value.chart).toBe('here too');
  keepElsewhere('elsewhere');
  composer.keepThis();
  expect(composer.hasOther.value).toBe(false);
  expect(nameOfKept()).toBe('here too');
  composer.close();
});

it('a new beginning is heard by other tabs, and takes nothing away that another tab has kept', () => {
  const composer = createComposer('mine');
  composer.change({ ...createDraft('shop'), chart: 'here' });
  composer.clear('shop');
  vi.runAllTimers();
  expect(nameOfKept()).toBe('');
  keepElsewhere('there');
  composer.clear('shop');
  vi.runAllTimers();
  expect(nameOfKept()).toBe('there');
  composer.takeOther();
  composer.close();
});

it('a draft that the browser cannot keep lives as long as the tab', () => {
  const first = startTyping();
  setItem.mockImplementationOnce(() => {
    throw new Error('the store is full');
  });
  first.type('here');
  vi.runAllTimers();
  setItem.mockImplementationOnce(() => {
    throw new Error('the store is full');
  });
  first.close();
  const composer = createComposer('mine');
  expect(composer.draft.value.chart).toBe('here');
  expect(composer.hasOther.value).toBe(false);
  composer.close();
  expect(nameOfKept()).toBe('here');
});

it('a page to which one goes back asks too, where another tab has kept a draft meanwhile', () => {
  const { type, hasOther, close } = startTyping();
  type('here');
  const comeBack = () => {
    events.dispatchEvent(new Event('pagehide'));
    events.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    return hasOther.value;
  };
  expect(comeBack()).toBe(false);
  kept.set('mine', writeKeptDraft({ ...createDraft('shop'), chart: 'there' }));
  expect(comeBack()).toBe(true);
  close();
});

it('a draft of another tab that cannot be read takes nothing away from this one', () => {
  const { type, takeOther, hasOther, close } = startTyping();
  type('here');
  kept.set('mine', 'of another release');
  events.dispatchEvent(Object.assign(new Event('storage'), { key: 'mine', newValue: 'of another release' }));
  expect(hasOther.value).toBe(true);
  expect(takeOther()).toBeUndefined();
  close();
  expect(nameOfKept()).toBe('here');
});

it('letters of one field without a pause are one step back, other changes are steps of their own', () => {
  const { draft, change, undo, canUndo, close } = createComposer('mine');
  const type = (field: 'chart' | 'version', text: string) => {
    for (let end = 1; end <= text.length; end += 1)
      change({ ...draft.value, [field]: text.slice(0, end) }, field);
  };
  type('chart', 'x'.repeat(200));
  type('version', '1.0.0');
  vi.advanceTimersByTime(1_000);
  type('version', '2.0.0');
  undo();
  expect(draft.value.version).toBe('1.0.0');
  undo();
  expect(draft.value).toMatchObject({ version: '0.1.0', chart: 'x'.repeat(200) });
  undo();
  expect(draft.value.chart).toBe('');
  expect(canUndo.value).toBe(false);
  close();
});
