import type { Context } from 'hono';
import type { Env } from './env.ts';

/**
 * Chooses the encoding of an answer that the client likes best (RFC 9110 section 12.5.3): `identity` where it does not say,
 * as Helm does not, or where it gives that a higher weight.
 * @param offered the best first, for a client that likes several as much
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
 * Chooses the format of an answer by the weights that the client gives media types (RFC 9110 section 12.5.1).
 * @param formats words, each in the media types of its format; the more specific type counts before a wildcard
 * @param fallback for a client that does not say, or that likes it as much as what it did not name
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
  // Formats of equal weight: the first that is named goes before the usual one, and that before the rest.
  const rank = ({ format, place }: { format: Format; place: number }) =>
    place * 2 + (format === fallback ? 0 : 1);
  const [best] = candidates
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || rank(a) - rank(b));
  return best?.format ?? fallback;
}

// Longer lists come from nobody who means well.
const maxItems = 50;

function readWeights(header = ''): Map<string, number> {
  const items = header.toLowerCase().split(',', maxItems);
  return new Map(
    items.map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : readWeight(weight)];
    }),
  );
}

/** A weight is from 0 to 1; what is no number counts as not wanted. */
function readWeight(text: string): number {
  return /^\d+(?:\.\d*)?$/.test(text) ? Math.min(Number(text), 1) : 0;
}
