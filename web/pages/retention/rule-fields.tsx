import type { RetentionRule } from '@helm-registry/client';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { ruleFieldName } from './read-rules.ts';

const dayFields = [
  { key: 'newerDays', label: 'Days after they were stored' },
  { key: 'pulledDays', label: 'Days after the last download' },
  { key: 'prereleaseDays', label: 'Days after they were stored, pre-releases alone' },
] as const;

/**
 * Fields of a rule.
 * @param at its place among the rules, from 0
 * @param onRaise moves it before the rule above; absent for the first
 */
export function RuleFields({
  rule: { charts, keep },
  at,
  onRaise,
  onRemove,
}: {
  rule: RetentionRule;
  at: number;
  onRaise: (() => void) | undefined;
  onRemove: () => void;
}) {
  const name = `rule ${at + 1}`;
  return (
    <fieldset class="rule">
      <legend>Rule {at + 1}</legend>
      <TextField
        label="Charts"
        name={ruleFieldName(at, 'charts')}
        required
        defaultValue={charts.join(', ')}
        hint="Names or globs with commas, such as web*. * is all charts."
      />
      <p class="small muted">Versions stay if any of these says so:</p>
      <div class="rule-parts">
        <TextField
          type="number"
          min={1}
          max={10_000}
          label="Highest releases"
          name={ruleFieldName(at, 'keep/last')}
          defaultValue={String(keep.last ?? '')}
          hint="As many pre-releases stay too."
        />
        <TextField
          label="Range"
          name={ruleFieldName(at, 'keep/range')}
          defaultValue={keep.range ?? ''}
          placeholder=">=2.0.0"
          hint="Pre-releases only where it names one."
        />
        {dayFields.map(({ key, label }) => (
          <TextField
            type="number"
            min={1}
            max={36_500}
            key={key}
            label={label}
            name={ruleFieldName(at, `keep/${key}`)}
            defaultValue={String(keep[key] ?? '')}
          />
        ))}
      </div>
      <div class="row">
        {onRaise ? (
          <Button size="small" aria-label={`Move up ${name}`} onClick={onRaise}>
            Move up
          </Button>
        ) : null}
        <Button size="small" aria-label={`Remove ${name}`} onClick={onRemove}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}
