/** Actions of audit events: every kind of change, and `access` for what was refused. */
export const auditActions = [
  'version.publish',
  'version.replace',
  'version.rewrite',
  'version.delete',
  'version.restore',
  'provenance.put',
  'chart.delete',
  'manifest.put',
  'manifest.delete',
  'tag.delete',
  'blob.delete',
  'follow.set',
  'follow.end',
  'mirror.set',
  'mirror.end',
  'mirror.run',
  /** End of a run, with what came of it. */
  'mirror.finish',
  'job.submit',
  'job.cancel',
  'space.create',
  'space.configure',
  'space.delete',
  'retention.set',
  'retention.end',
  /** A run of retention that somebody asked for. */
  'retention.run',
  /** End of a run, with what it has deleted. */
  'retention.finish',
  'member.set',
  'member.remove',
  'user.create',
  'user.change',
  'user.delete',
  'group.create',
  'group.change',
  'group.delete',
  'account.create',
  'account.change',
  'account.delete',
  'token.create',
  'token.change',
  'token.rotate',
  'token.revoke',
  /** End of a token that is near, announced by the registry itself. */
  'token.expiring',
  /** Log-in that a command has begun; somebody who is not known yet. */
  'device.request',
  'device.approve',
  'device.deny',
  'trust.create',
  'trust.delete',
  'webhook.create',
  'webhook.change',
  'webhook.delete',
  'webhook.test',
  'webhook.replay',
  /** Pause of a webhook that has failed for days, by the registry itself. */
  'webhook.pause',
  /** Use of 85 % of a quota, recorded by the registry itself. */
  'quota.near',
  'login',
  'logout',
  /** Refusal of a right, which the event names. */
  'access',
  /** Deletion of events that are older than they are kept. */
  'audit.purge',
  /** Refusals that were too many to be recorded one by one. */
  'audit.drop',
] as const;
/** Action of an audit event. */
export type AuditAction = (typeof auditActions)[number];

/** Outcomes of an action. `denied` is for rights, `failed` for everything else, as a wrong password. */
export const auditOutcomes = ['done', 'denied', 'failed'] as const;
/** Outcome of an action. */
export type AuditOutcome = (typeof auditOutcomes)[number];
