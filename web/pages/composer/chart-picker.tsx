import type { FoundChart } from '@helm-registry/client';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { InsideChart } from './sources/source-facts.ts';
import { describeFound, useFoundCharts } from './use-found-charts.ts';
import './picker.css';

/** Charts inside the one below which a chart is added. */
export interface InsideOptions {
  /** Name of the chart around them. */
  of: string;
  charts: readonly InsideChart[];
  onPick: (chart: InsideChart) => void;
}

interface Option {
  name: string;
  version: string;
  /** Space of the chart, or the chart that it is inside of. */
  where: string;
  pick: () => void;
}

/**
 * Field that finds charts, by the combobox pattern of ARIA: arrows choose, Enter takes.
 * Until an answer comes, the list is what fits of the one before, so typing never waits.
 */
export function ChartPicker(props: {
  label: string;
  inside?: InsideOptions | undefined;
  onPick: (chart: FoundChart) => void;
}) {
  const { label, inside, onPick } = props;
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const { found, fault, isCurrent, more } = useFoundCharts(text, isOpen);
  const options = [...insideOptions(inside, text), ...found.map((chart) => toChartOption(chart, onPick))];
  const isWaiting = useRef(false);

  const pick = (option: Option | undefined) => {
    isWaiting.current = false;
    if (!option) return;
    option.pick();
    setText('');
    setOpen(false);
  };
  // Enter came before the answer: it takes the first chart of the answer, and none of the list before.
  useEffect(() => {
    if (isWaiting.current && isCurrent) pick(options[0]);
  }, [isCurrent, found]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false);
    else if (event.key === 'Enter' && isOpen && isCurrent) pick(options[active]);
    else if (event.key === 'Enter' && isOpen) isWaiting.current = text !== '';
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + options.length) % Math.max(1, options.length));
    } else return;
    event.preventDefault();
  };
  const isListed = isOpen && options.length > 0;
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
      {/* Above the list, which covers what is below it. */}
      <p class="hint" role="status">
        {fault ?? (isOpen && text !== '' && isCurrent ? describeFound(options.length, more) : '')}
      </p>
      <div id={`${id}-list`} role="listbox" aria-label="Charts" class="picker-list" hidden={!isListed}>
        {options.map((option, index) => (
          <div
            key={`${option.where}/${option.name}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            // Before the click: the field would lose the focus, and close the list.
            onMouseDown={(event) => {
              event.preventDefault();
              pick(option);
            }}
          >
            <b>{option.name}</b> <span class="hint">{option.version}</span>
            <span class="hint picker-space">{option.where}</span>
          </div>
        ))}
      </div>
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

function insideOptions(inside: InsideOptions | undefined, text: string): Option[] {
  if (!inside) return [];
  const word = text.trim().toLowerCase();
  return inside.charts
    .filter(({ name }) => name.toLowerCase().includes(word))
    .map((chart) => ({
      name: chart.name,
      version: chart.version,
      where: `inside ${inside.of}`,
      pick: () => inside.onPick(chart),
    }));
}

function toChartOption(found: FoundChart, onPick: (chart: FoundChart) => void): Option {
  const { chart, version, space } = found;
  return { name: chart, version, where: space, pick: () => onPick(found) };
}
