import { RegistryError } from '../../errors.ts';
import { ThreadExceeded } from './thread.ts';

/**
 * Turns the end of a call for a chart into an error for clients. The call read or composed a chart. Every other error
 * stays as it is. Time depends on what else the machine does, so a call that ran out of it is not a verdict on the
 * chart.
 */
export function explainExceeded(error: unknown): unknown {
  if (!(error instanceof ThreadExceeded)) return error;
  if (error.resource === 'time') {
    return new RegistryError(
      'service.busy',
      `The registry is too busy to read this chart: it took ${error.message}. Try again later.`,
    );
  }
  return new RegistryError(
    'archive.tooLarge',
    `This chart takes ${error.message} to read. Make its values or its number of files smaller.`,
  );
}
