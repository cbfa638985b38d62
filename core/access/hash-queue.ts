import { RegistryError } from '../errors.ts';
import { siteOf } from '../runtime/addresses.ts';
import { createFairQueue, type FairQueue } from '../runtime/threads/fair-queue.ts';

/** Hash that waits for its turn. */
export interface WaitingHash {
  start(): void;
  /** Gives the place up for others. */
  refuse(error: RegistryError): void;
}

/** Queue of hashes: sites take turns, and the networks of each. */
export interface HashQueue {
  /**
   * Adds a hash at the end of its network. Where too many wait in all, the newest hash of the site with the most is
   * refused. So nobody fills the queue from a thousand networks of one site.
   * @throws {RegistryError} `service.busy` when too many of the network wait
   */
  add(network: string, hash: WaitingHash): void;
  /** Removes the next hash; undefined when none waits. */
  take(): WaitingHash | undefined;
}

/** Hashes of a network that wait at most. */
const maxPerNetwork = 64;
/**
 * Largest number of hashes that wait in each lane. A full calm lane is a wait of some ten seconds. The slow and the
 * known lane share one of the two places: a full one is a wait of 22 s, or of 44 s where both are full.
 */
const maxWaiting = 512;

interface Arrival {
  network: string;
  hash: WaitingHash;
}

/** Site with hashes that wait. */
interface Site {
  networks: FairQueue<WaitingHash>;
  /** In the order in which they came. */
  arrivals: Arrival[];
}

/** Creates an empty queue. */
export function createHashQueue(): HashQueue {
  const sites = new Map<string, Site>();
  // Each hash has a place in the turns of its site; which of the site's hashes takes it is a matter of its networks.
  const turns = createFairQueue<'place'>();
  let total = 0;

  function findFullest(newest: string): string {
    let fullest = newest;
    for (const [name, { arrivals }] of sites)
      if (arrivals.length > (sites.get(fullest)?.arrivals.length ?? 0)) fullest = name;
    return fullest;
  }

  function forget(name: string, hash: WaitingHash): void {
    const site = sites.get(name);
    if (!site) return;
    total -= 1;
    site.arrivals = site.arrivals.filter((arrival) => arrival.hash !== hash);
    if (site.arrivals.length === 0) sites.delete(name);
  }

  function refuseNewest(name: string): void {
    const site = sites.get(name);
    const newest = site?.arrivals.at(-1);
    if (!site || !newest) return;
    site.networks.remove(newest.network, newest.hash);
    turns.remove(name, 'place');
    forget(name, newest.hash);
    newest.hash.refuse(
      new RegistryError(
        'service.busy',
        'The registry has too many log-ins that wait. Try again in a few seconds.',
      ),
    );
  }

  return {
    add(network, hash) {
      const name = siteOf(network);
      const site = sites.get(name) ?? {
        networks: createFairQueue<WaitingHash>({
          ...{ waiting: 'log-ins that wait', subject: 'Your network' },
          ...{ maxPerSpace: maxPerNetwork, maxTotal: Number.POSITIVE_INFINITY },
        }),
        arrivals: [],
      };
      site.networks.add(network, hash);
      site.arrivals.push({ network, hash });
      sites.set(name, site);
      turns.add(name, 'place');
      total += 1;
      if (total > maxWaiting) refuseNewest(findFullest(name));
    },
    take() {
      const turn = turns.take();
      const hash = turn && sites.get(turn.space)?.networks.take()?.item;
      if (hash) forget(turn.space, hash);
      return hash;
    },
  };
}
