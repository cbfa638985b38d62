import { oneOf } from '../shapes.ts';
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
};
