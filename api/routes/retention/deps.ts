import type { Context as HonoContext } from 'hono';
import type { RetentionDeps } from '../../../core/retention/require-space.ts';
import type { Env } from '../../http/env.ts';

/** Makes the dependencies of the use cases on retention, with the sender of a request as their actor. */
export type RetentionDepsOf = (c: HonoContext<Env>) => RetentionDeps;
