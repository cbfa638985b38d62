import type { Upload } from './uploads.ts';

/** Says what came of files. An example is "3 of 6 uploaded, 1 refused, 2 not sent". */
export function describeUploads(rows: readonly Pick<Upload, 'state'>[]): string {
  const countOf = (wanted: Upload['state']) => rows.filter(({ state }) => state === wanted).length;
  const say = (count: number, word: string) => (count > 0 ? `, ${count} ${word}` : '');
  return `${countOf('done')} of ${rows.length} uploaded${say(countOf('failed'), 'refused')}${say(countOf('stopped'), 'not sent')}`;
}
