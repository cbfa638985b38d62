import type { FoundChart } from '@helm-registry/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { findCharts } from './composer-api.ts';

/** Finds the charts of a text once a person pauses. @returns also whether they are those of this very text */
export function useFoundCharts(text: string, isWanted: boolean) {
  const [{ of, charts }, setFound] = useState<{ of: string | undefined; charts: readonly FoundChart[] }>({
    of: undefined,
    charts: [],
  });
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    if (!isWanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      findCharts(text, abort.signal).then(
        (found) => {
          setFound({ of: text, charts: found });
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
    const word = text.trim().toLowerCase();
    return isCurrent ? charts : charts.filter(({ chart }) => chart.toLowerCase().includes(word));
  }, [isCurrent, charts, text]);
  return { found, fault, isCurrent };
}
