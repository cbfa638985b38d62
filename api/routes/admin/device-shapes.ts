import { z } from '@hono/zod-openapi';
import { spaceRoles } from '../../../core/access/rights.ts';
import { expiryDays, tokenShape } from './token-shapes.ts';

/** Code that the user compares, as people write it. */
const userCode = z.string().openapi({
  description: 'Code that the command shows; case and hyphens do not matter.',
  example: 'BCDF-GHJK',
});

/** Body that begins a log-in. */
export const wantedDeviceLogin = z.strictObject({
  client: z.string().openapi({
    description: 'Name of the command for its user, 1 to 80 characters.',
    example: 'command line on laptop',
  }),
  expiresInDays: expiryDays.optional(),
});

/** Log-in that has begun, with the names of RFC 8628. */
export const begunDeviceLogin = z
  .object({
    device_code: z.string().openapi({ description: 'Secret by which the command collects the token.' }),
    user_code: userCode,
    verification_uri: z.url().openapi({ description: 'Page on which a user approves it.' }),
    verification_uri_complete: z.url().openapi({ description: 'The page with the code filled in.' }),
    expires_in: z.int().openapi({ description: 'Seconds in which it can be approved.' }),
    interval: z.int().openapi({ description: 'Seconds from one poll to the next.' }),
  })
  .openapi('DeviceLogin');

/** Body of a poll. */
export const devicePoll = z.strictObject({ device_code: z.string() });

/** Token of a log-in that was approved, with the names of RFC 6749. */
export const deviceToken = z
  .object({
    access_token: z.string().openapi({ description: 'Text of the token, which is shown this once.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds until it expires.' }),
    token: tokenShape,
  })
  .openapi('DeviceToken');

/** Body that names a log-in by its user code. */
export const userCodeBody = z.strictObject({ user_code: userCode });

/** Log-in that waits for the decision of a user. */
export const deviceRequest = z
  .object({
    user_code: userCode,
    client: z.string().openapi({ description: 'Name that the command gives itself; anybody can choose it.' }),
    address: z.string().openapi({ description: 'Address that the command asked from.' }),
    expiresInDays: z
      .int()
      .nullable()
      .openapi({ description: 'Days that it wishes; null for the usual ones.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('DeviceRequest');

/** Body that approves a log-in, with the bounds of its token. */
export const deviceApproval = z.strictObject({
  user_code: userCode,
  expiresInDays: expiryDays.optional(),
  role: z
    .enum(spaceRoles)
    .optional()
    .openapi({ description: 'Highest role of the token; that of the user by default.' }),
  spaces: z.array(z.string()).optional().openapi({ description: 'The only spaces that it counts in.' }),
  charts: z
    .array(z.string())
    .optional()
    .openapi({ description: 'Globs, of which the name of a chart must match one.' }),
});
