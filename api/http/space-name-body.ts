import type { Context } from 'hono';
import { z } from 'zod';
import { RegistryError } from '../../core/errors.ts';
import { isObject } from '../../core/yaml/json.ts';
import { readBodyText } from './body.ts';
import type { Env } from './env.ts';
import { isMultipart } from './upload.ts';

// Body of a creation: the original client sends `space`; `name` is accepted because the response calls it so.
const nameBody = z.union([
  z.object({ space: z.string() }),
  z.object({ name: z.string() }).transform(({ name }) => ({ space: name })),
]);

/**
 * Reads the name of a space to create from JSON or a form.
 * @throws {RegistryError} `request.invalid`
 */
export async function readSpaceName(c: Context<Env>, limit: number): Promise<string> {
  const text = await readBodyText(c, limit);
  const body = isMultipart(c) ? fromMultipart(text) : (fromJson(text) ?? fromForm(text));
  const found = nameBody.safeParse(body);
  if (found.success) {
    checkNameKeys(body);
    return found.data.space;
  }
  throw new RegistryError('request.invalid', 'The name of the space is missing: send ?space=NAME.', {
    parameter: 'space',
  });
}

/**
 * Refuses settings in a body that has the name alone: a space meant to be private must not come without them.
 * Other keys are passed over, as clients of the original registry may send some.
 */
function checkNameKeys(body: unknown): void {
  const key = settingNames.find((name) => isObject(body) && Object.hasOwn(body, name));
  if (key === undefined) return;
  const message = `/${key} is a query parameter: send ?space=NAME&${key}=VALUE.`;
  throw new RegistryError('request.invalid', message, { pointer: `/${key}` });
}

const settingNames = ['overwriting', 'visibility'];

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromForm(text: string): unknown {
  return Object.fromEntries(new URLSearchParams(text));
}

// Reads the field `space` of a form by a pattern: a form parser is too much for one short text.
function fromMultipart(text: string): unknown {
  const field = /name="space"[^\r\n]*\r?\n\r?\n([^\r\n]*)\r?\n/.exec(text);
  return { space: field?.[1] };
}
