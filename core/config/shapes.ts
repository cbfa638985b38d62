import { z } from 'zod';
import { isIssuerUrl } from '../access/issuer-url.ts';
import { isSpaceName } from '../chart/names.ts';
import { parseAddressRange } from '../runtime/addresses.ts';

// Settings come as text in environment variables and as types in YAML; all schemas accept both.
/** Schema of a whole number from `min` to `max`. */
export const wholeNumberSchema = (min: number, max: number) => {
  const message = `expected a whole number from ${min} to ${max}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], message)
    .pipe(z.number().int(message).min(min, message).max(max, message));
};
/** Schema of days from 1 to `max`, or `off`, which is 0. YAML has the word as a boolean. */
export const daysOrOffSchema = (max: number) => {
  const message = `expected a whole number of days from 1 to ${max}, or off`;
  const off = z.union([z.literal('off'), z.literal(false)]).transform(() => 0);
  const days = z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().int().min(1).max(max));
  return z.union([off, days], message);
};
/** Schema of a number of seconds from `min` to 3,600, also with a fraction. */
export const secondsSchema = (min: number) => {
  const message = `expected a number of seconds from ${min} to 3600`;
  const text = z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number);
  return z.union([z.number(), text], message).pipe(z.number().min(min, message).max(3600, message));
};
// Schema of a switch, with the words of YAML 1.1, in which charts are written.
export const flagSchema = z.union(
  [z.boolean(), z.stringbool({ truthy: ['true', 'yes', 'on'], falsy: ['false', 'no', 'off'] })],
  'expected true or false',
);
/** Schema of one of some words. */
export const oneOfSchema = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, `expected one of ${words.join(', ')}`);
/** Schema of a list, or of text with commas. */
export const listSchema = z.union([
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
    ranges.forEach(parseAddressRange);
    return true;
  } catch {
    return false;
  }
}

const postgresUrlMessage =
  'expected postgres://user:password@host:port/database, with special characters of the password percent-encoded';
/** Schema of a URL of PostgreSQL. */
export const postgresUrlSchema = z
  .string(postgresUrlMessage)
  .regex(/^postgres(ql)?:\/\//, postgresUrlMessage)
  .refine((text) => URL.canParse(text), postgresUrlMessage);
const redisUrlMessage =
  'expected redis://host:port or redis://host:port/number, with special characters of the password percent-encoded';
/** Schema of a URL of Redis. */
export const redisUrlSchema = z
  .string(redisUrlMessage)
  .regex(/^rediss?:\/\/[^/?]+(\/\d*)?(\?.*)?$/, redisUrlMessage)
  .refine((text) => URL.canParse(text), redisUrlMessage);
/** Schema of an address to listen on. */
export const listenAddressSchema = z
  .string('expected host:port or :port')
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):\d{1,5}$/, 'expected host:port or :port')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'expected a port up to 65535');

/** Schema of address ranges in CIDR form. */
export const addressRangesSchema = listSchema.refine(
  areRanges,
  'expected ranges such as 10.0.0.0/8, separated by commas',
);

/** Schema of the address of a web site, without a path; empty for none. */
export const webAddressSchema = z
  .string()
  .refine(
    (text) => text === '' || (/^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text)),
    'expected https://host or http://host:port',
  );

/** Schema of host names or addresses, without ports. */
export const hostNamesSchema = listSchema
  .transform((names) => names.map((name) => name.toLowerCase()))
  .refine(
    (names) => names.every((name) => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(name)),
    'expected names of hosts, separated by commas',
  );

/** Schema of `http://host:port`, `https://host`, or either without a scheme. */
export const endpointSchema = z
  .string()
  .regex(/^(https?:\/\/)?[^/:@\s]+(:\d{1,5})?\/?$/, 'expected https://host, http://host:port or host:port');

/** Schema of a bucket name that S3 accepts. */
export const bucketNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'expected 3 to 63 lower-case letters, digits, dots and dashes',
  );

/** Schema of the name of a space. */
export const spaceNameSchema = z
  .string()
  .refine(isSpaceName, 'expected letters, digits, _ and -, beginning with a letter or digit');

/** Schema of the issuer of identities; empty for none. */
export const issuerSchema = z
  .string()
  .refine(
    (text) => text === '' || isIssuerUrl(text),
    'expected https://host or https://host/path; http on this machine only',
  );
