/** Part of a chart's name, or words about it, in all spaces or in one. */
export interface ChartWords {
  space?: string;
  word: string;
}

/** Reads what a person types to find a chart: words, or `SPACE/NAME`. */
export function readChartWords(text: string): ChartWords {
  const [space = '', ...others] = text.trim().split('/');
  if (space === '' || others.length === 0) return { word: text.trim() };
  return { space, word: others.join('/') };
}
