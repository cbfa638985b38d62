import type { Context } from 'hono';
import type { Env } from './env.ts';

/**
 * Chooses the content encoding that the client prefers (RFC 9110 section 12.5.3). `identity` if it names none, as
 * Helm, or weighs `identity` higher.
 * @param offered encodings, best first: the order decides between equal weights
 */
export function chooseEncoding<Encoding extends string>(
  c: Context<Env>,
  offered: readonly Encoding[],
): Encoding | 'identity' {
  const weights = readWeights(c.req.header('accept-encoding'));
  let best: { encoding: Encoding | 'identity'; weight: number } = { encoding: 'identity', weight: 0 };
  for (const encoding of offered) {
    const weight = weights.get(encoding) ?? weights.get('*') ?? 0;
    if (weight > best.weight) best = { encoding, weight };
  }
  return (weights.get('identity') ?? 0) > best.weight ? 'identity' : best.encoding;
}

/**
 * Chooses the format of a response by the weights of `Accept` (RFC 9110 section 12.5.1).
 * @param formats words that stand in the media types of the format; a specific type counts before a wildcard
 * @param fallback format for a client that names none, or that names it through a wildcard only
 */
export function chooseFormat<Format extends string>(
  c: Context<Env>,
  formats: readonly Format[],
  fallback: Format,
): Format {
  const weights = readWeights(c.req.header('accept'));
  const types = [...weights.keys()];
  const candidates = formats.map((format) => {
    const matching = types.filter((type) => type.includes(format));
    const wildcard = weights.get('application/*') ?? weights.get('*/*') ?? 0;
    const weight =
      matching.length === 0 ? wildcard : Math.max(...matching.map((type) => weights.get(type) ?? 0));
    const [first] = matching;
    return { format, weight, place: first === undefined ? types.length : types.indexOf(first) };
  });
  // Order of equal weights: the format named first, then the fallback, then the rest.
  const rank = ({ format, place }: { format: Format; place: number }) =>
    place * 2 + (format === fallback ? 0 : 1);
  const [best] = candidates
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || rank(a) - rank(b));
  return best?.format ?? fallback;
}

// Largest number of items of a header that are read; honest clients send fewer.
const maxHeaderItems = 50;

function readWeights(header = ''): Map<string, number> {
  const items = header.toLowerCase().split(',', maxHeaderItems);
  return new Map(
    items.map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : readWeight(weight)];
    }),
  );
}

/** Reads a weight from 0 to 1. Anything that is not a number counts as 0, not accepted. */
function readWeight(text: string): number {
  return /^\d+(?:\.\d*)?$/.test(text) ? Math.min(Number(text), 1) : 0;
}
