import { expect, it } from 'vitest';
import { plainCell, plainJson, plainText } from './plain-text.ts';

it('a cell has one line and nothing that a terminal obeys or that turns its text around', () => {
  expect(plainCell('a\r\nb\tc \u001b[31mred\u001b[0m\u0007 \u009b1m \u202edlrow ')).toBe(
    'a b c  [31mred [0m   1m  dlrow',
  );
  expect(plainCell('Grüße, 你好 👋')).toBe('Grüße, 你好 👋');
});

it('a text keeps its lines and tabs, and loses what a terminal obeys', () => {
  expect(plainText('a\n\tb\u001b]0;title\u0007\r\nc')).toBe('a\n\tb]0;title\nc');
});

it('JSON keeps its value, and has nothing that a terminal obeys', () => {
  const value = { 'a\u009b31m': 'b\u001b\u007f\u202ec\n' };
  const json = plainJson(JSON.stringify(value, null, 2));
  expect(json).toBe('{\n  "a\\u009b31m": "b\\u001b\\u007f\\u202ec\\n"\n}');
  expect(JSON.parse(json)).toEqual(value);
});
