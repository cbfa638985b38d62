import type { Composition } from './composition.ts';
import { base, cache, db, leaf, old, shop } from './small-charts.ts';

/** Compositions of the small charts without configuration. */
export const plainCompositions: Composition[] = [
  { chart: 'as-written', root: shop() },
  { chart: 'out-of-its-archive', root: shop(true) },
  {
    chart: 'renamed-to-any-depth',
    root: {
      source: 'shop',
      children: {
        common: { ...base(), entry: 'base' },
        primary: {
          source: 'db',
          entry: 'db',
          children: { deep: { ...leaf(), entry: 'leaf' }, Base_2: { ...base(), entry: 'base' } },
        },
        warm: { ...cache(), entry: 'hot' },
        cold: {
          source: 'cache',
          children: { shelf: { ...leaf(), entry: 'store', children: { b: { ...base(), entry: 'base' } } } },
        },
        ancient: {
          source: 'old',
          entry: 'old',
          children: { bough: { ...leaf(), entry: 'twig' }, base: base() },
        },
        more: { source: 'extras', entry: 'extras' },
        pictures: { source: 'media', entry: 'media' },
        exact: { source: 'strict', entry: 'strict' },
      },
    },
  },
  {
    chart: 'with-others-than-its-author-knew',
    root: {
      source: 'db',
      children: {
        one: cache(),
        two: cache(),
        second: db(),
        ancient: old(),
        pictures: { source: 'media' },
        base: base(),
        leaf: { source: 'leaf', children: {} },
      },
    },
  },
  {
    chart: 'of-the-days-of-requirements',
    root: { ...old(), children: { ...old().children, x: { source: 'strict' } } },
  },
  { chart: 'three-of-the-four', root: { source: 'old', children: { base: base() } } },
  { chart: 'one-alone', root: { source: 'extras' } },
  { chart: 'without-a-parent', root: { source: 'media' } },
  { chart: 'a-leaf', root: leaf() },
];
