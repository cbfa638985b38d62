import type * as Client from '../../client/src/index.ts';
import type { Account } from '../../core/access/admin/accounts.ts';
import type { Group, GroupMember } from '../../core/access/admin/groups.ts';
import type { Member } from '../../core/access/admin/members.ts';
import type { ShownToken, Token } from '../../core/access/admin/token-view.ts';
import type { TrustRule } from '../../core/access/admin/trust-rules.ts';
import type { User } from '../../core/access/admin/users.ts';
import type { WhoAmI } from '../../core/access/admin/whoami.ts';
import type { DeviceRequest } from '../../core/access/device/find-device-request.ts';
import type { ChartFile } from '../../core/chart/contents/contents.ts';
import type { Comparison } from '../../core/compare/comparison.ts';
import type { ChartDetails, SpaceDetails, VersionDetails } from '../../core/details/details.ts';
import type { ListedFollow } from '../../core/follow/list-follows.ts';
import type { FollowView } from '../../core/follow/read-follow.ts';
import type { JobView } from '../../core/jobs/view.ts';
import type { DeeperRepository } from '../../core/oci/list-deeper.ts';
import type { ComposedView } from '../../core/outdated/view.ts';
import type { Plan } from '../../core/recipe/plan.ts';
import type { Warning } from '../../core/recipe/warning.ts';
import type { FoundChart } from '../../core/registry/search.ts';
import type { Facets } from '../../core/registry/search-facets.ts';
import type { Space } from '../../core/registry/spaces.ts';
import type { ListedDelivery } from '../../core/webhooks/list-deliveries.ts';
import type { ShownWebhook, Webhook } from '../../core/webhooks/space/webhook.ts';
import type { ListedWebhookDelivery } from '../../core/webhooks/space/webhook-deliveries.ts';

/** Value as JSON has it: times are texts. */
type Sent<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Sent<Item>[]
    : Value extends object
      ? { -readonly [Key in keyof Value]: Sent<Value[Key]> }
      : Value;

/** Version with its path, as routes add it. */
type Linked<View> = Sent<View> & { link: string };

/** Compiles only while the registry's responses fit the client's types. `npm run check` compiles it. */
export const agreement = {
  account: (sent: Sent<Account>): Client.Account<Client.SpaceRole | Client.RegistryRole> => sent,
  chartDetails: (sent: Sent<ChartDetails>): Client.ChartDetails => sent,
  comparison: (sent: Sent<Comparison>): Client.Comparison => sent,
  composedState: (sent: Linked<ComposedView>): Client.ComposedState => sent,
  deeperRepository: (sent: Sent<DeeperRepository>): Client.DeeperRepository => sent,
  delivery: (sent: Sent<ListedDelivery>): Client.Delivery => sent,
  deviceRequest: (sent: Omit<Sent<DeviceRequest>, 'code'> & { user_code: string }): Client.DeviceRequest =>
    sent,
  facets: (sent: Sent<Facets>): Client.Facets => sent,
  file: (sent: Sent<ChartFile>): Client.ChartFile => sent,
  follow: (sent: Sent<FollowView>): Client.Follow => sent,
  foundChart: (sent: Linked<Omit<FoundChart, 'keywords'>>): Omit<Client.FoundChart, 'keywords'> => sent,
  group: (sent: Sent<Group>): Client.Group => sent,
  groupMember: (sent: Sent<GroupMember>): Client.GroupMember => sent,
  listedFollow: (sent: Sent<ListedFollow>): Client.ListedFollow => sent,
  job: (sent: Sent<JobView>): Client.Job => sent,
  member: (sent: Sent<Member>): Client.Member => sent,
  plan: (sent: Sent<Plan>): Client.Plan => sent,
  shownToken: (sent: Sent<ShownToken>): Client.ShownToken => sent,
  shownWebhook: (sent: Sent<ShownWebhook>): Client.ShownWebhook => sent,
  space: (sent: Sent<Space>): Client.Space => sent,
  spaceDetails: (sent: Sent<SpaceDetails>): Client.SpaceDetails => sent,
  token: (sent: Sent<Token>): Client.Token => sent,
  trustRule: (sent: Sent<TrustRule>): Client.TrustRule => sent,
  user: (sent: Sent<User>): Client.User => sent,
  versionDetails: (sent: Sent<VersionDetails>): Client.VersionDetails => sent,
  warning: (sent: Sent<Warning>): Client.Warning => sent,
  webhook: (sent: Sent<Webhook>): Client.Webhook => sent,
  webhookDelivery: (sent: Sent<ListedWebhookDelivery>): Client.WebhookDelivery => sent,
  whoami: (sent: Sent<WhoAmI>): Client.WhoAmI => sent,
};
