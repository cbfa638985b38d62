import { createBoundedWorker } from '../bounded-worker.ts';
import workerAddress from './markdown-worker.ts?worker&url';

/** Renders Markdown in a worker, one text at a time. */
export interface MarkdownRenderer {
  /** Answers HTML that is not safe yet, or undefined for a text that cannot be rendered or takes too long. */
  render(text: string): Promise<string | undefined>;
  close(): void;
}

/** Longest time for a piece; each of them is small. */
const maxMs = 4_000;

/** Creates a renderer; its worker starts with the first text and ends with `close`. */
export function createMarkdownRenderer(): MarkdownRenderer {
  const { ask, close } = createBoundedWorker<string, string>({
    address: workerAddress,
    name: 'markdown',
    maxMs,
  });
  return { render: ask, close };
}
