import type { FoundChart } from '@helm-registry/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { readChartWords } from './chart-words.ts';
import { findCharts } from './composer-api.ts';

/** Charts of a text, the first ones of all that there are. */
interface ChartsOfText {
  of: string | undefined;
  charts: readonly FoundChart[];
  total: number;
}

/**
 * Finds the charts of a text once a person pauses.
 * @returns also whether they are those of this very text, and how many more there are
 */
export function useFoundCharts(text: string, isWanted: boolean) {
  const [{ of, charts, total }, setFound] = useState<ChartsOfText>({ of: undefined, charts: [], total: 0 });
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    if (!isWanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      findCharts(readChartWords(text), abort.signal).then(
        ({ items, total }) => {
          setFound({ of: text, charts: items, total });
          setFault(undefined);
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setFault(error instanceof Error ? error.message : String(error));
        },
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, isWanted]);
  const isCurrent = of === text;
  const found = useMemo(() => {
    const { space, word } = readChartWords(text.toLowerCase());
    return isCurrent
      ? charts
      : charts.filter(
          (item) => item.chart.toLowerCase().includes(word) && (space === undefined || item.space === space),
        );
  }, [isCurrent, charts, text]);
  return { found, fault, isCurrent, more: isCurrent ? total - charts.length : 0 };
}

/** Says that nothing is found, or how to find charts that are not listed. */
export function describeFound(listed: number, more: number): string {
  if (listed === 0) return 'No chart is found.';
  return more > 0 ? `${more} more: type more of the name, or SPACE/NAME.` : '';
}
