import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SchemaBroken } from '../core/chart/schema/errors.ts';
import { readSchema } from '../core/chart/schema.ts';
import type { Json, JsonObject } from '../core/yaml/json.ts';
import { createDraw, drawFormat, drawSchema, drawValues } from './support/schemas.ts';
import { isAvailable } from './support/servers/program.ts';

const hasHelmSchema = await isAvailable('helm-schema', ['--version']);

interface Drawn {
  schema: Json;
  values: JsonObject;
}

interface Verdicts {
  helm3: string;
  helm4: string;
  reason?: string;
}

/** Number of pairs of a schema and values to compare. `SCHEMA_PAIRS` sets another, `SCHEMA_SEED` draws other pairs. */
const pairs = Number(process.env.SCHEMA_PAIRS ?? 3_000);
const seed = Number(process.env.SCHEMA_SEED ?? 1);

function drawPair(index: number): Drawn {
  const draw = createDraw(seed * 1_000_003 + index);
  return index % 4 === 0 ? drawFormat(draw) : { schema: drawSchema(draw), values: drawValues(draw) };
}

/** Reads the verdicts of Helm 3 and 4, with a proxy that does not exist, so that no request gets out. */
function askHelm(drawn: readonly Drawn[]): Promise<Verdicts[]> {
  const nowhere = 'http://127.0.0.1:9';
  const env = { PATH: process.env.PATH, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere };
  return new Promise((resolve, reject) => {
    const child = execFile('helm-schema', { env, maxBuffer: 1 << 28 }, (error, stdout) => {
      if (error) reject(error);
      else
        resolve(
          stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)),
        );
    });
    child.stdin?.end(
      drawn
        .map(({ schema, values }) => `${JSON.stringify({ schema: JSON.stringify(schema), values })}\n`)
        .join(''),
    );
  });
}

function readVerdict({ schema, values }: Drawn): { verdict: string; isUnchecked: boolean } {
  try {
    const { check, unchecked } = readSchema(JSON.stringify(schema));
    const verdict = check(values).length > 0 ? 'invalid' : 'valid';
    return { verdict, isUnchecked: unchecked.length > 0 };
  } catch (error) {
    if (error instanceof SchemaBroken) return { verdict: 'refused', isUnchecked: false };
    throw error;
  }
}

describe.skipIf(!hasHelmSchema)('schemas and values (left out without helm-schema on the PATH)', () => {
  it('schemas and values get the verdict of Helm 3 and 4, or are reported as unchecked', {
    timeout: 300_000,
  }, async () => {
    const drawn = Array.from({ length: pairs }, (_, index) => drawPair(index));
    const verdicts = await askHelm(drawn);
    const differing = drawn.flatMap((pair, index) => {
      const { verdict, isUnchecked } = readVerdict(pair);
      const { helm3, helm4, reason } = verdicts[index] ?? { helm3: 'none', helm4: 'none' };
      const isSame = verdict === helm3 && verdict === helm4;
      return isSame || isUnchecked ? [] : [{ ...pair, verdict, helm3, helm4, reason }];
    });
    expect(differing).toEqual([]);
    expect(new Set(verdicts.map(({ helm3 }) => helm3))).toEqual(new Set(['valid', 'invalid', 'refused']));
  });
});
