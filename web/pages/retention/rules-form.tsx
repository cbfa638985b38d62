import type { Retention, RetentionRule } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice, TextField } from '../../parts/form/fields.tsx';
import { RuleFields } from './rule-fields.tsx';

/** Rule of the form, with an id that stays while rules move. */
interface RuleRow {
  id: number;
  rule: RetentionRule;
}

const newRule: RetentionRule = { charts: ['*'], keep: {} };

/** Fields of the retention of a space. Fields are rules in their order, and how a run goes. */
export function RulesFields({ retention }: { retention: Retention }) {
  const { rules, mostDeleted, scheduled, changedAt } = retention;
  const rows = useSignal<readonly RuleRow[]>(
    (rules.length > 0 ? rules : [newRule]).map((rule, id) => ({ id, rule })),
  );
  const nextId = useRef(rows.peek().length);
  const place = useRef<HTMLDivElement>(null);
  const change = (next: readonly RuleRow[], message: string) => {
    rows.value = next;
    announce(message);
    // The button that was pressed may be gone, and its rule elsewhere.
    place.current?.focus();
  };
  return (
    <div ref={place} class="stack" tabIndex={-1}>
      <p class="small muted">
        The first rule that fits the name of a chart decides about it. Charts that no rule fits keep
        everything.
      </p>
      {rows.value.map(({ id, rule }, at) => (
        <RuleFields
          key={id}
          rule={rule}
          at={at}
          onRaise={
            at === 0 ? undefined : () => change(moveRowUp(rows.value, at), `Rule ${at + 1} is rule ${at}.`)
          }
          onRemove={() =>
            change(
              rows.value.filter((row) => row.id !== id),
              `Rule ${at + 1} is removed.`,
            )
          }
        />
      ))}
      <div>
        <Button
          onClick={() => {
            rows.value = [...rows.value, { id: nextId.current, rule: newRule }];
            nextId.current += 1;
            announce(`Rule ${rows.value.length} is added at the end.`);
          }}
        >
          Add a rule
        </Button>
      </div>
      <TextField
        type="number"
        min={1}
        max={1_000_000}
        label="Versions that one run may delete"
        name="mostDeleted"
        required
        defaultValue={String(mostDeleted)}
        hint="A run that finds more deletes none."
      />
      <Choice
        label="Run by the schedule"
        name="scheduled"
        value="true"
        isChosen={changedAt === null || scheduled}
        hint="Otherwise it runs on request only."
      />
    </div>
  );
}

/** Moves a row before the one above. */
function moveRowUp(rows: readonly RuleRow[], at: number): readonly RuleRow[] {
  const row = rows[at];
  const rest = rows.filter((_, place) => place !== at);
  return row ? [...rest.slice(0, at - 1), row, ...rest.slice(at - 1)] : rows;
}
