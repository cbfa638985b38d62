import { z } from '@hono/zod-openapi';
import { RegistryError } from '../../core/errors.ts';

/** Query of an upload that is a copy from elsewhere. */
export const createdQuery = z.object({
  created: z.string().optional().openapi({
    description: 'When the version was published, for a copy from another registry; default now.',
    example: '2020-02-03T04:05:06Z',
  }),
});

/** Milliseconds by which the clocks of a client and of the registry may differ. */
const maxSkewMs = 5 * 60_000;

const dateTime = z.iso.datetime({ offset: true });

/**
 * Reads when a version was published that is copied from elsewhere.
 * @returns undefined where the request does not say
 * @throws {RegistryError} `request.invalid` for no time, or one to come
 */
export function readCreated(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const parsed = dateTime.safeParse(text);
  const time = parsed.success ? Date.parse(parsed.data) : Number.NaN;
  if (Number.isNaN(time))
    throw invalidCreated('The query parameter created must be a time such as 2020-02-03T04:05:06Z.');
  if (time > Date.now() + maxSkewMs)
    throw invalidCreated('The query parameter created must not be in the future.');
  return new Date(Math.min(time, Date.now()));
}

/** Makes the error for a recipe that says when its chart was published. */
export function misplacedCreatedError(): RegistryError {
  return invalidCreated('created is for uploads: a chart that is composed is new.');
}

function invalidCreated(message: string): RegistryError {
  return new RegistryError('request.invalid', message, { parameter: 'created' });
}
