import { z } from 'zod';
import { isSpaceName } from '../chart/names.ts';
import { createGuard } from '../webhooks/guard.ts';

// The shapes that settings have.
// Environment variables are text, YAML has types: both are accepted everywhere.
export const wholeNumber = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], 'expected a whole number')
    .pipe(z.number().int().min(min).max(max));
export const seconds = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ],
    'expected a number of seconds',
  )
  .pipe(z.number().min(0).max(3600));
export const flag = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
  'expected true or false',
);
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, `expected one of ${words.join(', ')}`);
export const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);

function areRanges(ranges: string[]): boolean {
  try {
    createGuard(ranges);
    return true;
  } catch {
    return false;
  }
}

export const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database');
export const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/[^/?]+(\/\d*)?(\?.*)?$/, 'expected redis://host:port, or redis://host:port/number');
export const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):\d{1,5}$/, 'expected host:port or :port')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'expected a port up to 65535');

/** Address ranges in CIDR form. */
export const ranges = list.refine(areRanges, 'expected ranges such as 10.0.0.0/8, separated by commas');

/** Address of a web site, without a path; empty for none. */
export const webAddress = z
  .string()
  .refine(
    (text) => text === '' || (/^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text)),
    'expected https://host or http://host:port',
  );

/** Names of hosts or their addresses, without ports. */
export const hostNames = list
  .transform((names) => names.map((name) => name.toLowerCase()))
  .refine(
    (names) => names.every((name) => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(name)),
    'expected names of hosts, separated by commas',
  );

/** `http://host:port`, `https://host`, or without a scheme. */
export const endpoint = z
  .string()
  .regex(/^(https?:\/\/)?[^/:@\s]+(:\d{1,5})?\/?$/, 'expected https://host, http://host:port or host:port');

/** What S3 lets a bucket be called. */
export const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'expected 3 to 63 lower-case letters, digits, dots and dashes',
  );

export const spaceName = z
  .string()
  .refine(isSpaceName, 'expected letters, digits, _ and -, beginning with a letter or digit');
