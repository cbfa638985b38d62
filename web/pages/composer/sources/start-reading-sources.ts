import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Draft, type DraftNode, eachNode } from '../draft.ts';
import { readSourceFacts, type SourceFacts } from './source-facts.ts';
import { keyOfSource, type NodeSource, sourceOfNode } from './source-of-node.ts';

const pauseMs = 200;

/** Facts about the sources of a draft, as far as they are read. */
export interface DraftSources {
  /** Finds the facts of a node; undefined until they are read, and where there is no such chart. */
  factsOf(root: DraftNode, node: DraftNode): SourceFacts | undefined;
  close(): void;
}

/** Starts reading the facts of each source of a draft, once it appears. Reading waits for a pause, since versions are typed by letters. */
export function startReadingSources(draft: ReadonlySignal<Draft>): DraftSources {
  const known = signal<ReadonlyMap<string, SourceFacts | undefined>>(new Map());
  const abort = new AbortController();
  const read = async (source: NodeSource) => {
    // Leave out a source that cannot be read: completion and checks are a help, and the dry run judges.
    const facts = await readSourceFacts(source, abort.signal).catch(() => undefined);
    if (!abort.signal.aborted) known.value = new Map(known.value).set(keyOfSource(source), facts);
  };
  const requestedKeys = new Set<string>();
  const stop = effect(() => {
    const { root } = draft.value;
    const timer = setTimeout(() => {
      for (const node of eachNode(root)) {
        const source = sourceOfNode(root, node);
        if (!source || requestedKeys.has(keyOfSource(source))) continue;
        requestedKeys.add(keyOfSource(source));
        void read(source);
      }
    }, pauseMs);
    return () => clearTimeout(timer);
  });
  return {
    factsOf(root, node) {
      const source = sourceOfNode(root, node);
      return source && known.value.get(keyOfSource(source));
    },
    close() {
      stop();
      abort.abort();
    },
  };
}
