import type { Context } from 'hono';
import type { Env } from './mount.ts';

/**
 * Which of the encodings that are to be had the client likes best; `identity` where it does not say, as Helm does not (RFC
 * 9110 section 12.5.3).
 * @param offered the best first, for a client that likes several as much
 */
export function chooseEncoding<Encoding extends string>(
  c: Context<Env>,
  offered: readonly Encoding[],
): Encoding | 'identity' {
  let best: { encoding: Encoding | 'identity'; weight: number } = { encoding: 'identity', weight: 0 };
  const weights = readWeights(c.req.header('accept-encoding'));
  for (const encoding of offered) {
    const weight = weights.get(encoding) ?? weights.get('*') ?? 0;
    if (weight > best.weight) best = { encoding, weight };
  }
  return best.encoding;
}

/**
 * Which of the formats the client names first, by a word in its media type; the default where it names none.
 */
export function chooseFormat<Format extends string>(
  c: Context<Env>,
  formats: readonly Format[],
  usual: Format,
): Format {
  const types = [...readWeights(c.req.header('accept'))].filter(([, weight]) => weight > 0);
  for (const [type] of types) {
    const format = formats.find((name) => type.includes(name));
    if (format !== undefined) return format;
  }
  return usual;
}

// Longer lists come from nobody who means well.
const mostItems = 50;

function readWeights(header = ''): Map<string, number> {
  const items = header.toLowerCase().split(',', mostItems);
  return new Map(
    items.map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : Number(weight) || 0];
    }),
  );
}
