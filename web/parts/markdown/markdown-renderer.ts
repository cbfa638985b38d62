import { trustScript } from '../trusted-script.ts';
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
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function stop(): void {
    worker?.terminate();
    worker = undefined;
  }

  function ask(text: string): Promise<string | undefined> {
    worker ??= new Worker(trustScript(workerAddress), { name: 'markdown' });
    const current = worker;
    return new Promise((resolve) => {
      const finish = (html: string | null) => {
        clearTimeout(timer);
        resolve(html ?? undefined);
      };
      const timer = setTimeout(() => {
        stop();
        finish(null);
      }, maxMs);
      current.onmessage = ({ data }: MessageEvent<string | null>) => finish(data);
      current.onerror = () => {
        stop();
        finish(null);
      };
      current.postMessage(text);
    });
  }

  return {
    render(text) {
      const result = last.then(() => ask(text));
      last = result;
      return result;
    },
    close: stop,
  };
}
