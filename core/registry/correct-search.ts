import type { ReadScope } from '../access/decide.ts';
import type { Queryable } from '../db/port.ts';
import { createSqlParameters } from '../db/sql-parameters.ts';
import { isForgivable, listCandidates, typingErrorKinds } from './misspellings.ts';
import { searchScopeSql } from './search-query.ts';
import { replaceWords, splitWords } from './search-words.ts';

/** Most words of a search in which a typing error is forgiven, so that its cost is bounded. */
const maxCorrectedWords = 6;

/**
 * Corrects typing errors. Each word that is in no name and no keyword becomes the likeliest one that is. Words of
 * charts that the reader may not read are neither taken for known, nor suggested.
 * @param space the only space to search in; all if undefined
 * @returns undefined when no word was corrected
 */
export async function correctSearch(
  db: Queryable,
  text: string,
  space: string | undefined,
  scope: ReadScope,
): Promise<string | undefined> {
  const words = [...new Set(splitWords(text))].filter(isForgivable).slice(0, maxCorrectedWords);
  if (words.length === 0) return undefined;
  const candidates = words.flatMap((word, index) =>
    listCandidates(word).map(({ text, error }) => ({ index, text, kind: typingErrorKinds.indexOf(error) })),
  );
  const parameters = createSqlParameters();
  const columns = [
    `${parameters.add(candidates.map(({ index }) => index))}::int[]`,
    `${parameters.add(candidates.map(({ text }) => text))}::text[]`,
    `${parameters.add(candidates.map(({ kind }) => kind))}::int[]`,
  ];
  const within =
    space === undefined
      ? searchScopeSql(parameters, scope, { once: true })
      : `space = ${parameters.add(space)}::text`;
  const meant = await db.query<{ index: number; text: string; kind: number }>(
    writeCorrectionSql(columns.join(', '), within ?? 'true'),
    parameters.values,
  );
  const replacements = new Map(
    meant.flatMap(({ index, text, kind }) => {
      const word = words[index];
      return word === undefined || kind === 0 ? [] : [[word, text]];
    }),
  );
  return replacements.size === 0 ? undefined : replaceWords(text, replacements);
}

/**
 * Writes the SQL that selects the best candidate for each word. First is the word itself, then whole words, then by the kind of
 * error, then by the number of charts. All that it reads is in the index of words.
 */
function writeCorrectionSql(columns: string, within: string): string {
  return `
  SELECT DISTINCT ON (index) index, text, kind
    FROM unnest(${columns}) AS candidate (index, text, kind)
         CROSS JOIN LATERAL (
           SELECT count(*) AS charts, coalesce(min(word) = text, false) AS whole FROM search_words
            WHERE word >= text COLLATE "C" AND word < text || chr(1114111) COLLATE "C" AND ${within}
         ) known
   WHERE charts > 0 AND (whole OR length(text) > 3)
   ORDER BY index, kind > 0, NOT whole, kind, charts DESC, text`;
}
