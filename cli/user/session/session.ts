import { type Client, type ClientOptions, createClient } from '../../../client/src/index.ts';
import { type ChosenRegistry, chooseRegistry } from '../contexts/choose-registry.ts';
import type { Environment } from '../contexts/config-folder.ts';
import { type ContextStore, createContextStore } from '../contexts/context-store.ts';
import type { Format } from '../display/formats.ts';
import { createOutput, type Output } from '../display/output.ts';
import { plainText } from '../display/plain-text.ts';
import { createProgress, type Progress } from '../display/progress.ts';
import { createStyle, type Style } from '../display/style.ts';

/** Options of every user command, as commander gives them. */
export interface CommonOptions {
  context?: string;
  output?: Format;
}

/** Parts that a command works with. */
export interface Session {
  readonly environment: Environment;
  readonly contexts: ContextStore;
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly progress: Progress;
  readonly style: Style;
  /** Chooses the registry of the command. @throws {CommandError} where none is named */
  registry(): Promise<ChosenRegistry>;
  /** Creates the client of that registry. */
  connect(): Promise<Client>;
  /** Writes a line for people to standard error. */
  note(line: string): void;
}

/** Creates the session of a command. */
export function createSession(options: CommonOptions, signal: AbortSignal): Session {
  const environment = process.env;
  const contexts = createContextStore(environment);
  const style = createStyle(process.stdout, environment);
  const progress = createProgress(process.stderr);
  const registry = () => chooseRegistry(contexts, environment, options.context);
  return {
    environment,
    contexts,
    signal,
    style,
    progress,
    output: createOutput(process.stdout, options.output ?? 'table', style),
    registry,
    connect: async () => openClient(await registry()),
    note(line) {
      progress.clear();
      process.stderr.write(`${plainText(line)}\n`);
    },
  };
}

/** Creates a client with the credentials that were chosen. */
export function openClient({ url, token, basic }: Pick<ClientOptions, 'url' | 'token' | 'basic'>): Client {
  return createClient({ url, ...(token === undefined ? { basic } : { token }) });
}
