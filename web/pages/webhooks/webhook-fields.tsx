import type { NewWebhook, Webhook } from '@helm-registry/client';
import { Choice, TextField } from '../../parts/form/fields.tsx';
import { readItems, readText } from '../../parts/form/read-fields.ts';
import { allEventsSelector, eventGroups } from './events.ts';

/** Fields of a webhook, new or as it is. */
export function WebhookFields({ webhook }: { webhook?: Webhook }) {
  const isMasked = webhook?.url.includes('***') ?? false;
  return (
    <>
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        defaultValue={webhook?.url ?? ''}
        placeholder="https://example.com/hook"
        hint={
          isMasked ? 'Values of its query are hidden. They stay unless you change the address.' : undefined
        }
      />
      <TextField
        label="Description"
        name="description"
        maxLength={200}
        defaultValue={webhook?.description ?? ''}
        hint="For people."
      />
      <TextField
        label="Only for charts"
        name="charts"
        defaultValue={webhook?.charts?.join(', ') ?? ''}
        hint="Names or globs with commas, such as web*. Empty is all charts."
      />
      <fieldset class="choices stack">
        <legend>Events</legend>
        <Choice
          label="Everything"
          name="events"
          value={allEventsSelector}
          hint="Also events that are added later."
          isChosen={webhook?.events.includes(allEventsSelector) ?? false}
        />
        <div class="event-groups">
          {Object.entries(eventGroups).map(([group, types]) => (
            <fieldset key={group} class="choices">
              <legend>{group}</legend>
              {Object.entries(types).map(([type, text]) => (
                <Choice
                  key={type}
                  label={text}
                  name="events"
                  value={type}
                  isChosen={webhook?.events.includes(type) ?? type === 'version.*'}
                />
              ))}
            </fieldset>
          ))}
        </div>
      </fieldset>
    </>
  );
}

/** Reads the fields of a webhook. */
export function readWebhook(fields: FormData): Required<Omit<NewWebhook, 'secret'>> {
  const charts = readItems(fields, 'charts');
  return {
    url: readText(fields, 'url'),
    description: readText(fields, 'description'),
    charts: charts.length > 0 ? charts : null,
    events: fields.getAll('events').map(String),
  };
}
