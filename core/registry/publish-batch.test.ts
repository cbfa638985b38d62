import { expect, it } from 'vitest';
import { contentOf } from '../blobs/content.ts';
import type { Locks } from '../locks/locks.ts';
import { createPublisher } from './publish-batch.ts';

/** Locks whose transactions of sets fail. */
function lockThatFails(error: Error): Locks {
  const unused = () => Promise.reject(new Error('not here'));
  return {
    write: unused,
    withLock: unused,
    withFreeLocks: () => Promise.reject(error),
    lease: unused,
    close: () => undefined,
  };
}

const publication = (version: string) => ({
  ref: { space: 'lib', chart: 'web', version },
  content: {
    content: contentOf(Buffer.from('archive')),
    summary: { name: 'web', version, metadata: '{}', helmMetadata: {} },
  },
  mayReplace: true,
  blobs: [],
});
const publishTwo = (error: Error) => {
  const publish = createPublisher(lockThatFails(error));
  return Promise.allSettled(['1.0.0', '2.0.0'].map((version) => publish(publication(version))));
};

it('passes an outage on to all versions of a set, since some may be stored', async () => {
  const error = Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' });
  const outcomes = await publishTwo(error);
  expect(outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason: error })));
});

it('leaves the versions of a set that failed to transactions of their own', async () => {
  const outcomes = await publishTwo(Object.assign(new Error('a row is locked'), { code: '55P03' }));
  expect(outcomes).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: 'alone' })));
});
