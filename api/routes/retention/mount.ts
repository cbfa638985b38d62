import type { Context } from '../../../core/context.ts';
import { actorOf } from '../../access/route-access.ts';
import type { App } from '../../http/env.ts';
import type { RetentionDepsOf } from './deps.ts';
import { mountRetentionPreview } from './preview.ts';
import { mountRetentionRuns } from './runs.ts';
import { mountRetentionSettings } from './settings.ts';

/** Mounts the routes of retention: rules, the preview, and runs. */
export function mountRetention(app: App, context: Context): void {
  const depsOf: RetentionDepsOf = (c) => ({
    db: context.registry.db,
    actor: actorOf(c),
    intervalSeconds: context.config.retentionInterval,
  });
  mountRetentionSettings(app, depsOf);
  mountRetentionPreview(app, context, depsOf);
  mountRetentionRuns(app, depsOf);
}
