import { useAddress } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { actionGroups, auditEventOutcomes } from './actions.ts';
import { auditFilterNames, fromLocalTimeField, toLocalTimeField } from './read-filter.ts';

const outcomeTexts = {
  '': 'Any',
  ...Object.fromEntries(
    auditEventOutcomes.map((word) => [word, `${word.charAt(0).toUpperCase()}${word.slice(1)}`]),
  ),
};

/**
 * Filters of the audit as a form. The filters are in the address.
 * @param clear address without filters, where there are some
 */
export function AuditFilters({ hasSpace, clear }: { hasSpace: boolean; clear: string | undefined }) {
  const { query, change } = useAddress();
  const { since, until } = query;
  const names = [...auditFilterNames, ...(hasSpace ? (['space'] as const) : [])];
  return (
    <form
      // Other filters, as those of a link or of the history, make other fields.
      key={names.map((name) => query[name]).join(' ')}
      class="audit-filters"
      aria-label="Filters of the audit"
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        const chosen = names.map((name) => [name, readText(fields, name)] as const);
        change({
          ...Object.fromEntries(chosen),
          since: fromLocalTimeField(readText(fields, 'since')),
          until: fromLocalTimeField(readText(fields, 'until')),
          cursor: undefined,
        });
      }}
    >
      {hasSpace ? <TextField label="Space" name="space" defaultValue={query.space ?? ''} /> : null}
      <TextField label="Chart" name="chart" defaultValue={query.chart ?? ''} />
      <TextField label="User or service account" name="principal" defaultValue={query.principal ?? ''} />
      <SelectField
        label="Action"
        name="action"
        value={query.action ?? ''}
        options={{ '': 'Any' }}
        groups={actionGroups}
      />
      <SelectField label="Outcome" name="outcome" value={query.outcome ?? ''} options={outcomeTexts} />
      <TextField label="From" name="since" type="datetime-local" defaultValue={toLocalTimeField(since)} />
      <TextField label="Until" name="until" type="datetime-local" defaultValue={toLocalTimeField(until)} />
      <div class="row">
        <Button type="submit" kind="primary">
          Filter
        </Button>
        {clear === undefined ? null : <a href={clear}>Show all</a>}
      </div>
    </form>
  );
}
