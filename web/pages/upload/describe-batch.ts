import { describeCount } from '../../parts/bytes.ts';
import type { Upload } from './uploads.ts';

/** Says in a sentence what came of the files of a batch. */
export function describeBatch(rows: readonly Pick<Upload, 'state'>[]): string {
  const countOf = (wanted: Upload['state']) => rows.filter(({ state }) => state === wanted).length;
  const [done, failed, stopped] = [countOf('done'), countOf('failed'), countOf('stopped')];
  if (done === rows.length) return 'All files are uploaded.';
  const parts = [
    ...(failed > 0 ? [`${describeCount(failed, 'file was', 'files were')} refused`] : []),
    ...(stopped > 0 ? [`${describeCount(stopped, 'file was', 'files were')} not sent`] : []),
  ];
  return `${parts.join(', ')}.`;
}
