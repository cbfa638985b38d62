import { z } from 'zod';
import { issuerSchema, listSchema, wholeNumberSchema } from '../shapes.ts';
import { setting } from './setting.ts';

const claimNameSchema = z.string().min(1, 'expected the name of a claim').max(200);

/** Settings of browser sessions. */
export const sessionSettings = {
  sessionLifetime: setting({
    key: 'session.lifetime',
    env: 'SESSION_LIFETIME',
    schema: wholeNumberSchema(60, 2_592_000),
    default: 43_200,
    doc: 'Seconds until a browser must log in again, however much it is used.',
  }),
};

/** Settings of the provider of identities. */
export const oidcSettings = {
  oidcIssuer: setting({
    key: 'oidc.issuer',
    env: 'OIDC_ISSUER',
    schema: issuerSchema,
    default: '',
    doc: 'Issuer of the OpenID Connect provider at which people log in, such as `https://login.example.com`. Its client needs the redirect address `PUBLIC_URL/login/callback`.',
  }),
  oidcClientId: setting({
    key: 'oidc.client.id',
    env: 'OIDC_CLIENT_ID',
    schema: z.string(),
    default: '',
    doc: 'Id of the client that the provider has for this registry.',
  }),
  oidcClientSecret: setting({
    key: 'oidc.client.secret',
    env: 'OIDC_CLIENT_SECRET',
    schema: z.string(),
    default: '',
    secret: true,
    doc: 'Secret of that client; empty for a public client.',
  }),
  oidcClientSecretFile: setting({
    key: 'oidc.secret.file',
    env: 'OIDC_CLIENT_SECRET_FILE',
    schema: z.string('expected the path of a file'),
    default: '',
    doc: 'File with that secret, in place of `OIDC_CLIENT_SECRET`. It is read at the start.',
  }),
  oidcScopes: setting<string[]>({
    key: 'oidc.scopes',
    env: 'OIDC_SCOPES',
    schema: listSchema,
    default: ['openid', 'profile'],
    doc: 'Scopes (comma-separated) to ask for. Some providers need one more for groups.',
  }),
  oidcNameClaim: setting({
    key: 'oidc.name.claim',
    env: 'OIDC_NAME_CLAIM',
    schema: claimNameSchema,
    default: 'preferred_username',
    doc: 'Claim from which the name of a new user is made.',
  }),
  oidcGroupsClaim: setting({
    key: 'oidc.groups.claim',
    env: 'OIDC_GROUPS_CLAIM',
    schema: claimNameSchema,
    default: 'groups',
    doc: 'Claim with the names of groups. At each log-in a user joins those that exist here, and leaves those that the claim no longer names.',
  }),
  oidcAdminGroup: setting({
    key: 'oidc.admin.group',
    env: 'OIDC_ADMIN_GROUP',
    schema: z.string(),
    default: '',
    doc: 'Group of that claim whose members are admins. It is made at the first log-in of one, and stays a group of admins until an admin changes it.',
  }),
};
