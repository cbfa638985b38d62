import { z } from 'zod';
import { hashPassword } from '../../../core/access/passwords.ts';
import { callersForRight, type RoleCallerName, type WriteCallers } from './role-callers.ts';

/** Facts that an event of a write must have. */
export interface ExpectedEvent {
  action: string;
  chart?: string;
  version?: string;
  /** Marks of the archives, or digests. */
  before?: string;
  after?: string;
  details?: Record<string, unknown>;
  /** Caller that it names, where that is not the one of the write. */
  by?: RoleCallerName;
}

/** Write with an accepted body, its callers, and the events that it must leave. */
export interface AuditedWrite {
  /** Route as it is declared. Absent where another write has the route. */
  route?: string;
  name: string;
  /** Callers, where they are not those of the route. */
  callers?: WriteCallers;
  /** Makes what the write needs, as an admin. */
  prepare?: () => Promise<unknown>;
  /** Sends the write as the caller whose turn it is. */
  write: () => Promise<Response>;
  events: () => ExpectedEvent[];
}

/** Means by which writes are sent as the caller whose turn it is. */
export interface WriteSender {
  send(method: string, path: string, body?: object): Promise<Response>;
  /** Sends the form of a page. */
  sendForm(path: string, fields: Record<string, string>): Promise<Response>;
}

const made = z.looseObject({ id: z.string() });
const begun = z.looseObject({ device_code: z.string(), user_code: z.string() });

/** Keeps a field of an accepted answer for the writes that come later. */
function createNote<Shape extends z.ZodType>(shape: Shape) {
  let value: z.output<Shape> | undefined;
  return {
    async keep(response: Response): Promise<Response> {
      if (response.ok) value = shape.parse(await response.clone().json());
      return response;
    },
    read(): z.output<Shape> {
      if (value === undefined) throw new Error('no write has been accepted before');
      return value;
    },
  };
}

/** Lists writes of administration in their order, about a space that exists. Each finds what those before it have left. */
export function listAdminWrites(
  sender: WriteSender,
  space: string,
  setPassword: (user: string, hash: string) => Promise<unknown>,
): AuditedWrite[] {
  return [
    ...listPrincipalWrites(sender, space),
    ...['', `/spaces/${space}`].flatMap((place) => listAccountWrites(sender, place)),
    // Sessions end with a changed password, so they come first.
    ...listDeviceWrites(sender),
    ...listOwnWrites(sender, setPassword),
  ];
}

function listPrincipalWrites({ send }: WriteSender, space: string): AuditedWrite[] {
  const member = `/spaces/${space}/members/user%3Aana`;
  return [
    {
      route: 'POST /api/v1/users',
      name: 'a new user',
      write: () => send('POST', '/users', { name: 'ana' }),
      events: () => [{ action: 'user.create', details: { user: 'ana', role: null } }],
    },
    {
      route: 'PATCH /api/v1/users/:user',
      name: 'a changed user',
      write: () => send('PATCH', '/users/ana', { role: 'creator' }),
      events: () => [{ action: 'user.change', details: { user: 'ana', role: 'creator' } }],
    },
    {
      route: 'POST /api/v1/groups',
      name: 'a new group',
      write: () => send('POST', '/groups', { name: 'devs' }),
      events: () => [{ action: 'group.create', details: { group: 'devs', role: null } }],
    },
    {
      route: 'PATCH /api/v1/groups/:group',
      name: 'the role of a group',
      write: () => send('PATCH', '/groups/devs', { role: 'auditor' }),
      events: () => [{ action: 'group.change', details: { group: 'devs', role: 'auditor' } }],
    },
    {
      route: 'PUT /api/v1/groups/:group/members/:user',
      name: 'a member of a group',
      write: () => send('PUT', '/groups/devs/members/ana'),
      events: () => [{ action: 'group.change', details: { group: 'devs', added: 'ana' } }],
    },
    {
      route: 'DELETE /api/v1/groups/:group/members/:user',
      name: 'a member that leaves a group',
      write: () => send('DELETE', '/groups/devs/members/ana'),
      events: () => [{ action: 'group.change', details: { group: 'devs', removed: 'ana' } }],
    },
    {
      route: 'DELETE /api/v1/groups/:group',
      name: 'a deleted group',
      write: () => send('DELETE', '/groups/devs'),
      events: () => [{ action: 'group.delete', details: { group: 'devs' } }],
    },
    {
      route: 'PUT /api/v1/spaces/:space/members/:principal',
      name: 'a member of a space',
      write: () => send('PUT', member, { role: 'reader' }),
      events: () => [
        { action: 'member.set', details: { principal: 'user:ana', role: 'reader', before: null } },
      ],
    },
    {
      route: 'DELETE /api/v1/spaces/:space/members/:principal',
      name: 'a member that leaves a space',
      write: () => send('DELETE', member),
      events: () => [{ action: 'member.remove', details: { principal: 'user:ana', before: 'reader' } }],
    },
    {
      route: 'DELETE /api/v1/users/:user',
      name: 'a deleted user',
      write: () => send('DELETE', '/users/ana'),
      events: () => [{ action: 'user.delete', details: { user: 'ana' } }],
    },
    {
      name: 'the quotas of a space',
      callers: callersForRight('quota.set'),
      write: () => send('PATCH', `/spaces/${space}`, { quota: { versions: 1_000 } }),
      events: () => [{ action: 'space.configure', details: { quotaVersions: 1_000 } }],
    },
  ];
}

/** Lists writes to service accounts of the registry (an empty place), or of a space. */
function listAccountWrites({ send }: WriteSender, place: string): AuditedWrite[] {
  const route = `/api/v1${place.replace(/^\/spaces\/.*/, '/spaces/:space')}/accounts`;
  const where = place === '' ? 'the registry' : 'a space';
  const robot = `${place}/accounts/robot`;
  const rule = createNote(made);
  return [
    {
      route: `POST ${route}`,
      name: `a new service account of ${where}`,
      write: () => send('POST', `${place}/accounts`, { name: 'robot' }),
      events: () => [{ action: 'account.create', details: { account: 'robot' } }],
    },
    {
      route: `POST ${route}/:account/tokens`,
      name: `a token of a service account of ${where}`,
      write: () => send('POST', `${robot}/tokens`, { name: 'ci' }),
      events: () => [{ action: 'token.create', details: { tokenName: 'ci' } }],
    },
    {
      route: `POST ${route}/:account/trust-rules`,
      name: `a trust rule of a service account of ${where}`,
      write: async () =>
        rule.keep(
          await send('POST', `${robot}/trust-rules`, {
            ...{ issuer: 'https://ci.example', audience: 'charts', claims: { sub: 'x' } },
          }),
        ),
      events: () => [{ action: 'trust.create', details: { account: 'robot', claims: ['sub=x'] } }],
    },
    {
      route: `DELETE ${route}/:account/trust-rules/:rule`,
      name: `a deleted trust rule of a service account of ${where}`,
      write: () => send('DELETE', `${robot}/trust-rules/${rule.read().id}`),
      events: () => [{ action: 'trust.delete', details: { account: 'robot', rule: rule.read().id } }],
    },
    {
      route: `PATCH ${route}/:account`,
      name: `a changed service account of ${where}`,
      write: () => send('PATCH', robot, { disabled: true }),
      events: () => [{ action: 'account.change', details: { account: 'robot', disabled: true } }],
    },
    {
      route: `DELETE ${route}/:account`,
      name: `a deleted service account of ${where}`,
      write: () => send('DELETE', robot),
      events: () => [{ action: 'account.delete', details: { account: 'robot' } }],
    },
  ];
}

/** Lists what a user without any role does with its own tokens, password and sessions. */
function listOwnWrites(
  { send, sendForm }: WriteSender,
  setPassword: (user: string, hash: string) => Promise<unknown>,
): AuditedWrite[] {
  const token = createNote(made);
  const [first, second] = ['the first password of mine', 'the second password of mine'];
  return [
    {
      route: 'POST /api/v1/tokens',
      name: 'a token of the caller',
      write: async () => token.keep(await send('POST', '/tokens', { name: 'own' })),
      events: () => [{ action: 'token.create', details: { token: token.read().id, owner: 'user:user' } }],
    },
    {
      route: 'POST /api/v1/tokens/:token/rotate',
      name: 'a token with a new secret',
      write: () => send('POST', `/tokens/${token.read().id}/rotate`, {}),
      events: () => [{ action: 'token.rotate', details: { token: token.read().id } }],
    },
    {
      route: 'DELETE /api/v1/tokens/:token',
      name: 'a revoked token',
      write: () => send('DELETE', `/tokens/${token.read().id}`),
      events: () => [{ action: 'token.revoke', details: { token: token.read().id } }],
    },
    {
      route: 'PUT /api/v1/whoami/password',
      name: 'a password that its user changes',
      prepare: async () => setPassword('user', await hashPassword(first)),
      write: () => send('PUT', '/whoami/password', { old: first, new: second }),
      events: () => [{ action: 'user.change', details: { user: 'user', password: 'changed' } }],
    },
    {
      route: 'POST /login',
      name: 'a log-in',
      write: () => sendForm('/login', { name: 'user', password: second }),
      events: () => [{ action: 'login', by: 'session', details: { by: 'password' } }],
    },
  ];
}

/** Lists log-ins of a command, and the log-out of the browser that has decided about them. */
function listDeviceWrites({ send, sendForm }: WriteSender): AuditedWrite[] {
  const login = createNote(begun);
  const begin = async () => login.keep(await send('POST', '/device', { client: 'a command' }));
  const decide = (step: string) => send('POST', `/device/${step}`, { user_code: login.read().user_code });
  // A token is not a browser: its owner may not get the next one by it.
  const callers = { by: 'session', refused: ['nobody', 'user'] } as const;
  const client = 'a command';
  return [
    {
      route: 'POST /api/v1/device',
      name: 'a log-in of a command that begins',
      write: begin,
      events: () => [{ action: 'device.request', details: { client } }],
    },
    {
      route: 'POST /api/v1/device/approve',
      name: 'a log-in of a command that is approved',
      callers,
      write: () => decide('approve'),
      events: () => [{ action: 'device.approve', details: { client } }],
    },
    {
      route: 'POST /api/v1/device/token',
      name: 'the token of a log-in of a command',
      write: () => send('POST', '/device/token', { device_code: login.read().device_code }),
      events: () => [{ action: 'token.create', by: 'session', details: { by: 'device' } }],
    },
    {
      route: 'POST /api/v1/device/deny',
      name: 'a log-in of a command that is denied',
      callers,
      prepare: begin,
      write: () => decide('deny'),
      events: () => [{ action: 'device.deny', details: { client } }],
    },
    {
      route: 'POST /logout',
      name: 'a log-out',
      callers: { by: 'session', refused: [] },
      write: () => sendForm('/logout', {}),
      events: () => [{ action: 'logout' }],
    },
  ];
}
