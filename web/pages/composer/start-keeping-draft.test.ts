import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDraft } from './draft.ts';
import { forgetDraft, forgetDrafts, forgetDraftsOnLeaving } from './forget-draft.ts';
import { readKeptDraft } from './kept-draft.ts';
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
  const close = startKeepingDraft(draft, 'mine');
  const type = (chart: string) => {
    draft.value = { ...draft.value, chart };
  };
  return { close, type };
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
  ['one by one', () => forgetDraft('mine')],
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
