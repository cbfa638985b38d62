import { createOperatorActor } from '../../core/access/actor.ts';
import { fullReadScope } from '../../core/access/decide.ts';
import type { Visibility } from '../../core/access/rights.ts';
import { openStorage } from '../../core/drivers/storage.ts';
import type { Overwriting } from '../../core/registry/registry.ts';
import { changeSpace, createSpace } from '../../core/registry/spaces.ts';
import { type AccessOptions, print, withOpened } from './with-access.ts';

/** Options of `space create`. */
export interface SpaceOptions extends AccessOptions {
  visibility?: Visibility;
  overwriting?: Overwriting;
}

/** Options of `space set`; a quota of 0 is none. */
export interface SpaceSetOptions extends SpaceOptions {
  quotaBytes?: number | 'default';
  quotaVersions?: number | 'default';
}

/** Runs `helm-registry space create`. */
export function runSpaceCreate(space: string, options: SpaceOptions): Promise<void> {
  const { visibility, overwriting } = options;
  const actor = createOperatorActor('helm-registry space create');
  return withOpened('space create', options, openStorage, async ({ locks }, config) => {
    await createSpace({ actor, locks, overwriting: config.overwriting }, space, { visibility, overwriting });
    print(`created space ${space}, ${visibility ?? 'private'}`);
  });
}

/** Runs `helm-registry space set`. */
export function runSpaceSet(space: string, options: SpaceSetOptions): Promise<void> {
  const { visibility, overwriting, quotaBytes, quotaVersions } = options;
  const toSetting = (quota?: number | 'default') => (quota === 'default' ? null : quota);
  const quota = { bytes: toSetting(quotaBytes), versions: toSetting(quotaVersions) };
  const actor = createOperatorActor('helm-registry space set');
  return withOpened('space set', options, openStorage, async ({ db }) => {
    await changeSpace({ db, actor, suggestible: fullReadScope }, space, { visibility, overwriting, quota });
    print(`changed space ${space}`);
  });
}
