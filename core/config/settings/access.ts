import { z } from 'zod';
import { oneOfSchema, wholeNumberSchema } from '../shapes.ts';
import { setting } from './setting.ts';

/** Settings of access: who may do what. */
export const accessSettings = {
  access: setting<'' | 'open' | 'guarded'>({
    key: 'access.mode',
    env: 'ACCESS',
    schema: oneOfSchema('open', 'guarded'),
    default: '',
    doc: '`open`: everybody who reaches the registry may do everything. `guarded`: callers have the rights of their roles. Without it, a registry on loopback is open, and `serve` and `api` start neither on another address nor with another in `PUBLIC_URL` or `ALLOWED_HOSTS`.',
  }),
  tokenMaxDays: setting({
    key: 'access.tokens.max.days',
    env: 'TOKEN_MAX_DAYS',
    schema: wholeNumberSchema(1, 3650),
    default: 365,
    doc: 'Days after which every token expires at the latest. A token that names no lifetime has 90.',
  }),
  adminPasswordFile: setting({
    key: 'access.admin.password.file',
    env: 'ADMIN_PASSWORD_FILE',
    schema: z.string(),
    default: '',
    doc: 'File with the password of the user `admin`, who is made at the start of a guarded registry that has no admin. It counts that once; later changes of the file have no effect.',
  }),
  auditKeep: setting({
    key: 'audit.keep',
    env: 'AUDIT_KEEP',
    schema: wholeNumberSchema(0, 36_500),
    default: 400,
    doc: 'Days for which audit events are kept; workers delete older ones. 0 keeps them for ever.',
  }),
  authKeysFile: setting<string>({
    key: 'access.keys.file',
    env: 'AUTH_KEYS_FILE',
    schema: z.string('expected the path of a file'),
    default: '',
    doc: 'File with the keys that seal secrets and sign registry tokens: `ID:BASE64` on each line, of 32 bytes, the newest first. Every process needs the same keys. Empty for those that `migrate` makes in the database.',
  }),
};
