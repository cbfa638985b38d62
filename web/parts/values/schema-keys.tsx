import { Badge } from '../badge.tsx';
import type { SchemaKey } from './list-schema-keys.ts';
import './schema-keys.css';

/** Keys that a schema describes, each with its type, meaning and bounds. */
export function SchemaKeys({ keys }: { keys: readonly SchemaKey[] | undefined }) {
  if (!keys)
    return <p class="note">This schema is not JSON, so it has no keys to list. Its file has the text.</p>;
  return (
    <ul class="schema-keys" aria-label="Keys of the schema">
      {keys.map(({ path, facts }) => (
        <li key={path}>
          <p class="row">
            <code>
              <bdi>{path}</bdi>
            </code>
            <span class="small muted">{facts.type}</span>
            {facts.required ? <Badge tone="accent">required</Badge> : null}
            {facts.deprecated ? <Badge tone="warn">deprecated</Badge> : null}
          </p>
          {facts.title || facts.description ? <p class="small">{facts.description ?? facts.title}</p> : null}
          <SchemaRules facts={facts} />
        </li>
      ))}
    </ul>
  );
}

function SchemaRules({ facts }: { facts: SchemaKey['facts'] }) {
  const rules = [
    ...(facts.default === undefined ? [] : [`default ${JSON.stringify(facts.default).slice(0, 300)}`]),
    ...(facts.choices ? [`one of ${facts.choices.map((choice) => JSON.stringify(choice)).join(', ')}`] : []),
    ...facts.bounds,
  ];
  return rules.length === 0 ? null : <p class="small muted">{rules.join(' · ')}</p>;
}
