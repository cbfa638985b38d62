import type { ReadScope } from '../access/decide.ts';
import type { Queryable } from '../db/port.ts';
import { isForgivable, listCandidates, typingErrors } from './misspellings.ts';
import { createParameters, writeScope, writeSpace } from './search-query.ts';
import { replaceWords, splitWords } from './search-words.ts';

/** Most words of a search in which a typing error is forgiven, so that its cost is bounded. */
const maxCorrected = 6;

/**
 * Corrects typing errors: each word that is in no name and no keyword becomes the likeliest one that is.
 * Words of charts that the reader may not read are neither taken for known, nor suggested.
 * @param spaceId the only space to search in; all if undefined
 * @returns undefined when no word was corrected
 */
export async function correctSearch(
  db: Queryable,
  text: string,
  spaceId: number | undefined,
  scope: ReadScope,
): Promise<string | undefined> {
  const words = [...new Set(splitWords(text))].filter(isForgivable).slice(0, maxCorrected);
  if (words.length === 0) return undefined;
  const candidates = words.flatMap((word, index) =>
    listCandidates(word).map(({ text, error }) => ({ index, text, kind: typingErrors.indexOf(error) })),
  );
  const parameters = createParameters();
  const columns = [
    `${parameters.add(candidates.map(({ index }) => index))}::int[]`,
    `${parameters.add(candidates.map(({ text }) => text))}::text[]`,
    `${parameters.add(candidates.map(({ kind }) => kind))}::int[]`,
  ];
  const within = spaceId === undefined ? writeScope(parameters, scope) : writeSpace(parameters, spaceId);
  const meant = await db.query<{ index: number; text: string; kind: number }>(
    writeStatement(columns.join(', '), within ?? 'true'),
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
 * Writes the statement of the best candidate for each word: the word itself, then whole words, then by the kind of
 * error, then by the number of charts. Each candidate is looked up in the index of words, and counted if it is there.
 */
function writeStatement(columns: string, within: string): string {
  return `
  SELECT DISTINCT ON (index) index, text, kind
    FROM (SELECT index, kind, left(word, length(text)) AS text, word = text AS whole
            FROM unnest(${columns}) AS candidate (index, text, kind)
                 CROSS JOIN LATERAL (
                   SELECT word FROM search_words WHERE word >= text COLLATE "C" AND word < text || chr(1114111) COLLATE "C"
                    ORDER BY word LIMIT 1
                 ) known
           WHERE length(text) > 3 OR word = text
          OFFSET 0) known
         CROSS JOIN LATERAL (
           SELECT count(*) AS charts FROM chart_search
            WHERE document @@ to_tsquery('simple', '''' || text || ''':*AB') AND ${within}
         ) counted
   WHERE charts > 0
   ORDER BY index, kind > 0, NOT whole, kind, charts DESC, text`;
}
