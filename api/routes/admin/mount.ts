import type { Context } from '../../../core/context.ts';
import type { App } from '../../http/env.ts';
import { mountAccounts } from './accounts.ts';
import { mountDevice } from './device.ts';
import { mountDeviceDecisions } from './device-decisions.ts';
import { mountGroups } from './groups.ts';
import { mountMembers } from './members.ts';
import { mountTokens } from './tokens.ts';
import { mountUsers } from './users.ts';
import { mountWhoAmI } from './whoami.ts';

/** Mounts the routes of administration. Subjects are the caller, users, groups, service accounts, tokens, log-ins of commands and members. */
export function mountAdmin(app: App, context: Context): void {
  mountWhoAmI(app, context);
  mountUsers(app, context);
  mountGroups(app, context);
  mountAccounts(app, context);
  mountTokens(app, context);
  mountDevice(app, context);
  mountDeviceDecisions(app, context);
  mountMembers(app, context);
}
