import type { FoundChart } from '@helm-registry/client';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { findCharts } from './composer-api.ts';

/**
 * Field that finds charts, by the combobox pattern of ARIA: arrows choose, Enter takes.
 * Until an answer comes, the list is what fits of the one before, so typing never waits.
 */
export function ChartPicker(props: { label: string; onPick: (chart: FoundChart) => void }) {
  const { label, onPick } = props;
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const { found, fault, isCurrent } = useFoundCharts(text, isOpen);
  const isWaiting = useRef(false);

  const pick = (chart: FoundChart | undefined) => {
    isWaiting.current = false;
    if (!chart) return;
    onPick(chart);
    setText('');
    setOpen(false);
  };
  // Enter came before the answer: it takes the first chart of the answer, and none of the list before.
  useEffect(() => {
    if (isWaiting.current && isCurrent) pick(found[0]);
  }, [isCurrent, found]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false);
    else if (event.key === 'Enter' && isOpen && isCurrent) pick(found[active]);
    else if (event.key === 'Enter' && isOpen) isWaiting.current = text !== '';
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + found.length) % Math.max(1, found.length));
    } else return;
    event.preventDefault();
  };
  const isListed = isOpen && found.length > 0;
  return (
    <div class="picker">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...comboboxOf(id, isListed ? active : undefined)}
        placeholder="Find a chart, as postgresql"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          isWaiting.current = false;
          setOpen(false);
        }}
        onKeyDown={onKeyDown}
        onInput={({ currentTarget }) => {
          isWaiting.current = false;
          setText(currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Charts" class="picker-list" hidden={!isListed}>
        {found.map((chart, index) => (
          <div
            key={`${chart.space}/${chart.chart}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            // Before the click: the field would lose the focus, and close the list.
            onMouseDown={(event) => {
              event.preventDefault();
              pick(chart);
            }}
          >
            <b>{chart.chart}</b> <span class="hint">{chart.version}</span>
            <span class="hint picker-space">{chart.space}</span>
          </div>
        ))}
      </div>
      <p class="hint" role="status">
        {fault ?? (isOpen && text !== '' && isCurrent && found.length === 0 ? 'No chart is found.' : '')}
      </p>
    </div>
  );
}

/**
 * Returns the attributes of a combobox whose list is an element of the page, not a `datalist`.
 * @param active number of the active option; undefined while the list is closed
 */
function comboboxOf(id: string, active: number | undefined) {
  return {
    type: 'text',
    list: undefined,
    role: 'combobox',
    'aria-expanded': active !== undefined,
    'aria-controls': `${id}-list`,
    'aria-autocomplete': 'list',
    'aria-activedescendant': active === undefined ? undefined : `${id}-${active}`,
  } as const;
}

/** Finds the charts of a text once a person pauses. @returns also whether they are those of this very text */
function useFoundCharts(text: string, isWanted: boolean) {
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
