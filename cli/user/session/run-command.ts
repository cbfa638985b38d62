import { plainText } from '../display/plain-text.ts';
import { explainError } from '../explain-error.ts';
import { listenForInterrupts, outputClosedReason } from './interrupts.ts';
import { type CommonOptions, createSession, type Session } from './session.ts';

/** Runs a command. Errors become a line on standard error and an exit code. */
export async function runCommand(
  options: CommonOptions,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const interrupts = listenForInterrupts();
  const session = createSession(options, interrupts.signal);
  try {
    await work(session);
    session.progress.clear();
  } catch (error) {
    session.progress.clear();
    if (error === outputClosedReason) return;
    const explained = explainError(error);
    if (!explained) throw error;
    process.stderr.write(`helm-registry: ${plainText(explained.message)}\n`);
    process.exitCode = explained.exitCode;
  } finally {
    interrupts.stop();
  }
}
