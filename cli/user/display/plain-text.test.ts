import { expect, it } from 'vitest';
import { plainCell, plainText } from './plain-text.ts';

it('a cell has one line and nothing that a terminal obeys or that turns its text around', () => {
  expect(plainCell('a\r\nb\tc \u001b[31mred\u001b[0m\u0007 \u009b1m \u202edlrow ')).toBe(
    'a b c  [31mred [0m   1m  dlrow',
  );
  expect(plainCell('Grüße, 你好 👋')).toBe('Grüße, 你好 👋');
});

it('a text keeps its lines and tabs, and loses what a terminal obeys', () => {
  expect(plainText('a\n\tb\u001b]0;title\u0007\r\nc')).toBe('a\n\tb]0;title\nc');
});
