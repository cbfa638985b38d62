import { useEffect, useId, useState } from 'preact/hooks';
import { type FoundChart, findCharts } from './composer-api.ts';

/**
 * Field that finds charts, by the combobox pattern of ARIA: arrows choose, Enter takes.
 * The list of the last answer stays until the next comes, so typing never waits.
 */
export function ChartPicker(props: { label: string; onPick: (chart: FoundChart) => void }) {
  const { label, onPick } = props;
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const { found, fault } = useFoundCharts(text, isOpen);

  const pick = (chart: FoundChart | undefined) => {
    if (!chart) return;
    onPick(chart);
    setText('');
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false);
    else if (event.key === 'Enter' && isOpen) pick(found[active]);
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
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        onInput={({ currentTarget }) => {
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
        {fault ?? (isOpen && text !== '' && found.length === 0 ? 'No chart is found.' : '')}
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

/** Finds the charts of a text once a person pauses; the last ones stay meanwhile. */
function useFoundCharts(text: string, isWanted: boolean) {
  const [found, setFound] = useState<readonly FoundChart[]>([]);
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    if (!isWanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      findCharts(text, abort.signal).then(
        (charts) => {
          setFound(charts);
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
  return { found, fault };
}
