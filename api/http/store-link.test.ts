import { expect, it } from 'vitest';
import { areRelated } from './store-link.ts';

it.each([
  ['charts.example', 'charts.example', true],
  ['charts.example', 's3.charts.example', true],
  ['charts.corp.example', 'corp.example', true],
  ['127.0.0.1', '127.0.0.1', true],
  ['[::1]', '[::1]', true],
  ['charts.example', 's3.example', false],
  ['charts.example', 'mycharts.example', false],
  ['127.0.0.1', '10.127.0.0.1.example', false],
  ['127.0.0.1', '127.0.0.2', false],
])('a client that has credentials for %s sends them to %s: %s', (one, other, related) => {
  expect(areRelated(one, other)).toBe(related);
});
