/** Actions of audit events, by what they are about. */
export const actionGroups: Readonly<Record<string, readonly string[]>> = {
  Refusals: ['access'],
  'Charts and versions': [
    'version.publish',
    'version.replace',
    'version.rewrite',
    'version.delete',
    'version.restore',
    'provenance.put',
    'chart.delete',
    'follow.set',
    'follow.end',
  ],
  Artifacts: ['manifest.put', 'manifest.delete', 'tag.delete', 'blob.delete'],
  Jobs: ['job.submit', 'job.cancel'],
  'Mirrors and retention': [
    'mirror.set',
    'mirror.end',
    'mirror.run',
    'retention.set',
    'retention.end',
    'retention.run',
    'retention.finish',
  ],
  Spaces: ['space.create', 'space.configure', 'space.delete', 'quota.near', 'member.set', 'member.remove'],
  'Users and groups': [
    'user.create',
    'user.change',
    'user.delete',
    'group.create',
    'group.change',
    'group.delete',
    'login',
    'logout',
    'device.request',
    'device.approve',
    'device.deny',
  ],
  'Service accounts': ['account.create', 'account.change', 'account.delete', 'trust.create', 'trust.delete'],
  Tokens: ['token.create', 'token.change', 'token.rotate', 'token.revoke'],
  Webhooks: [
    'webhook.create',
    'webhook.change',
    'webhook.delete',
    'webhook.test',
    'webhook.replay',
    'webhook.pause',
  ],
  'The audit itself': ['audit.purge', 'audit.drop'],
};

/** Outcomes of an action. */
export const outcomes = ['done', 'denied', 'failed'] as const;
