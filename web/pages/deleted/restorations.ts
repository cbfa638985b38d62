import type { DeletedVersion } from '@helm-registry/client';
import { type Signal, signal } from '@preact/signals';
import { type RequestProblem, toProblem } from '../../api/problem.ts';
import { registry } from '../../api/registry.ts';

/** Version that could not be restored, and why. */
export interface FailedRestoration {
  name: string;
  problem: RequestProblem;
}

/** Restoring of versions, one after the other. */
export interface Restorations {
  /** Versions that are still to come; 0 while nothing is restored. */
  left: Signal<number>;
  failed: Signal<readonly FailedRestoration[]>;
  /** Has versions back. @returns those that are there again */
  restore: (versions: readonly DeletedVersion[]) => Promise<DeletedVersion[]>;
}

/** Creates the restoring of versions of a space. */
export function createRestorations(space: string): Restorations {
  const left = signal(0);
  const failed = signal<readonly FailedRestoration[]>([]);
  return {
    left,
    failed,
    async restore(versions) {
      if (left.peek() > 0) return [];
      const restored: DeletedVersion[] = [];
      left.value = versions.length;
      failed.value = [];
      for (const deleted of versions) {
        const { chart, version, digest } = deleted;
        try {
          await registry.space(space).chart(chart).version(version).restore({ digest });
          restored.push(deleted);
        } catch (error) {
          failed.value = [...failed.peek(), { name: `${chart} ${version}`, problem: toProblem(error) }];
        }
        left.value -= 1;
      }
      return restored;
    },
  };
}
