import { Button } from '../../parts/button.tsx';
import type { InsideOptions } from './chart-picker.tsx';
import type { DraftNode, DraftPackage, SubchartTreatment } from './draft.ts';
import { focusForm } from './focus-form.ts';

const subchartChoices: { value: SubchartTreatment; label: string; hint: string }[] = [
  { value: 'drop', label: 'Drop', hint: 'only the charts of this tree come along' },
  { value: 'keep', label: 'Keep', hint: 'what the archive contains comes along' },
  {
    value: 'resolve',
    label: 'Resolve',
    hint: 'as Keep, and what it declares but lacks is taken from the registry',
  },
];

/** Choice of what becomes of the charts inside a node's chart. Any of them can be put into the tree. */
export function SubchartChoice(props: {
  node: DraftNode;
  source: DraftPackage;
  inside: InsideOptions | undefined;
  onChange: (subcharts: SubchartTreatment) => void;
}) {
  const { node, source, inside, onChange } = props;
  // The registry resolves nothing for a chart inside another one.
  const choices = subchartChoices.filter(({ value }) => source.independent || value !== 'resolve');
  return (
    <>
      <fieldset class="choices">
        <legend>Subcharts that this chart brings</legend>
        {choices.map(({ value, label, hint }) => (
          <label key={value}>
            <input
              type="radio"
              name={`subcharts-${node.id}`}
              checked={source.subcharts === value}
              onChange={() => onChange(value)}
            />{' '}
            {label} <span class="hint">{hint}</span>
          </label>
        ))}
      </fieldset>
      {inside && inside.charts.length > 0 && (
        <fieldset class="buttons" aria-label="Charts inside">
          <span class="hint">Inside, to rename or set apart:</span>
          {inside.charts.map((chart) => (
            <Button
              key={chart.name}
              size="small"
              onClick={() => {
                inside.onPick(chart);
                // The button goes; the name of the chart is what is changed next, mostly.
                focusForm();
              }}
            >
              Take out {chart.name} {chart.version}
            </Button>
          ))}
        </fieldset>
      )}
    </>
  );
}
