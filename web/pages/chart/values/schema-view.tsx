import { fileQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Button } from '../../../parts/button.tsx';
import { Data } from '../../../parts/states.tsx';
import { FileView } from '../files/file-view.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { listSchemaKeys, type SchemaKey } from './list-schema-keys.ts';

/** Schema as a table of keys, or as it was written. */
export function SchemaView({ details, path }: TabProperties & { path: string }) {
  const { query, change } = useAddress();
  const { space, chart, version } = details;
  const text = useData(fileQuery, { space, chart, version, path });
  const isSource = query.line !== undefined || query.path === path;
  return (
    <div class="stack">
      <p>
        <Button size="small" onClick={() => change({ path: isSource ? undefined : path, line: undefined })}>
          {isSource ? 'Show the keys' : 'Show the file'}
        </Button>
      </p>
      {isSource ? (
        <FileView details={details} path={path} />
      ) : (
        <Data data={text}>{(source) => <SchemaTable keys={listSchemaKeys(source)} />}</Data>
      )}
    </div>
  );
}

function SchemaTable({ keys }: { keys: readonly SchemaKey[] | undefined }) {
  if (!keys)
    return <p class="note">This schema is no JSON, so it has no keys to list. Its file has the text.</p>;
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
