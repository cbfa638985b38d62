import { z } from '@hono/zod-openapi';
import { spaceRoles } from '../../../core/access/rights.ts';
import { pageQuery } from '../../schemas.ts';
import { pageSchemaOf } from './admin-route.ts';

const role = z.enum(spaceRoles);

const tokenFields = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  role: role.nullable(),
  spaces: z.array(z.string()).nullable(),
  charts: z.array(z.string()).nullable(),
  state: z.enum(['live', 'expired', 'revoked']),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  previousUntil: z.iso.datetime().nullable(),
  madeWith: z.string().nullable(),
});
/** Token without its secret. */
export const tokenShape = tokenFields.openapi('Token');
/** Token with its text, which is shown once. */
export const shownToken = tokenFields.extend({ token: z.string() }).openapi('ShownToken');
/** Page of tokens. */
export const tokenList = pageSchemaOf(tokenShape, 'TokenList');

/** Days until a token expires, as a body has them. */
export const expiryDays = z
  .number()
  .openapi({ type: 'integer', description: 'Days until it expires; 90 by default.' });

/** Body that asks for a token. */
export const newToken = z.strictObject({
  name: z.string(),
  expiresInDays: expiryDays.optional(),
  role: role.optional().openapi({ description: 'Highest role of the token; that of its owner by default.' }),
  spaces: z.array(z.string()).optional().openapi({ description: 'The only spaces that it counts in.' }),
  charts: z
    .array(z.string())
    .optional()
    .openapi({ description: 'Globs, of which the name of a chart must match one.' }),
});

/** Body that asks for a rotation. */
export const rotation = z.strictObject({
  expiresInDays: expiryDays.optional(),
  overlapHours: z.number().optional().openapi({
    description: 'Hours for which the secret before is still accepted; 24 by default, 0 ends it at once.',
  }),
});

/** Query of a list of tokens. */
export const tokenQuery = pageQuery.extend({
  expiresWithin: z
    .string()
    .regex(/^\d{1,4}$/, 'expected a whole number of days')
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      description: 'Only live tokens that expire within so many days, the next first.',
    }),
});
