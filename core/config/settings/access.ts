import { oneOf, wholeNumber } from '../shapes.ts';
import { setting } from './setting.ts';

/** Settings of access: who may do what. */
export const accessSettings = {
  access: setting<'' | 'open' | 'guarded'>({
    key: 'access.mode',
    env: 'ACCESS',
    schema: oneOf('open', 'guarded'),
    default: '',
    doc: '`open`: everybody who reaches the registry may do everything. `guarded`: callers have the rights of their roles. Without it, a registry on loopback is open, and `serve` and `api` do not start on any other address.',
  }),
  tokenMaxDays: setting({
    key: 'access.tokenMaxDays',
    env: 'TOKEN_MAX_DAYS',
    schema: wholeNumber(1, 3650),
    default: 365,
    doc: 'Largest number of days after which a token expires. Tokens for which no time is asked live 90 days.',
  }),
  auditKeep: setting({
    key: 'audit.keep',
    env: 'AUDIT_KEEP',
    schema: wholeNumber(0, 36_500),
    default: 400,
    doc: 'Days for which audit events are kept; workers delete older ones. 0 keeps them for ever.',
  }),
};
