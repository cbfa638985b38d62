import type { ValueOrigin } from '@helm-registry/client';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pathToChart } from '../../../parts/chart-address.ts';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { originOf, originPath, writeOrigin } from '../../../parts/values/origins.ts';
import { writeSetArgument } from '../../../parts/values/set-argument.ts';
import { typeName } from '../../../parts/values/value-cell.tsx';
import { valueAt, writePath } from '../../../parts/values/values-tree.ts';
import type { TabProperties } from '../tab-properties.ts';
import { useKeyFacts } from './use-key-facts.ts';

/** Windows in which the panel is below the tree, and a key is tapped. With keys, the focus stays in the tree. */
const tappedBelowTree = '(max-width: 60rem) and (pointer: coarse)';

/** Longest value that the panel shows. */
const maxPanelValueLength = 8_000;

/** Panel about the chosen key: value, type, description, choices, origin, and ways to copy it. */
export function KeyPanel({
  details,
  values,
  origins,
  pointer,
}: TabProperties & {
  values: unknown;
  origins: ReadonlyMap<string, ValueOrigin>;
  pointer: string | undefined;
}) {
  const value = pointer === undefined ? undefined : valueAt(values, pointer);
  const origin = pointer === undefined ? undefined : originOf(origins, pointer);
  const { facts, description } = useKeyFacts(details, pointer, origin);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (matchMedia(tappedBelowTree).matches) place.current?.scrollIntoView({ block: 'nearest' });
  }, [value !== undefined]);
  if (pointer === undefined || value === undefined) {
    return (
      <aside class="key-panel muted" aria-label="Chosen key">
        <p>Choose a key to see its description, type, where it is set, and how to set it.</p>
      </aside>
    );
  }
  const path = writePath(pointer, values);
  const argument = writeSetArgument(pointer, value, values);
  const { space, chart, version } = details;
  return (
    <aside ref={place} class="key-panel stack" aria-label="Chosen key">
      <div class="key-title">
        <h2 class="mono">
          <bdi>{path}</bdi>
        </h2>
        <CopyButton text={path} label="path" />
      </div>
      {description ? <p class="key-description">{description}</p> : null}
      <dl>
        <KeyFactRow name="Value">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
          <pre tabIndex={0} class="key-value">
            {writeShownValue(value)}
          </pre>
        </KeyFactRow>
        <KeyFactRow name="Set it by">
          {argument === undefined ? (
            'a values file: no option of helm can name this key.'
          ) : (
            <div class="key-title">
              <code>{argument.length > 300 ? `${argument.slice(0, 300)}…` : argument}</code>
              <CopyButton text={argument} label="as --set" />
            </div>
          )}
        </KeyFactRow>
        <KeyFactRow name="Type">{facts?.type ?? typeName(value)}</KeyFactRow>
        <KeyFactRow name="Default of the schema">
          {facts?.default === undefined ? undefined : (
            <code>{JSON.stringify(facts.default).slice(0, 500)}</code>
          )}
        </KeyFactRow>
        <KeyFactRow name="Choices">
          {facts?.choices?.map((choice) => JSON.stringify(choice)).join(', ')}
        </KeyFactRow>
        <KeyFactRow name="Rules">
          {[
            facts?.required ? 'required' : '',
            facts?.deprecated ? 'deprecated' : '',
            ...(facts?.bounds ?? []),
          ]
            .filter(Boolean)
            .join(', ')}
        </KeyFactRow>
        <KeyFactRow name="Set in">
          {origin ? (
            <a
              class="mono"
              href={pathToChart(space, chart, version, {
                tab: 'files',
                path: originPath(origin),
                line: origin.line,
              })}
            >
              {writeOrigin(origin)}
            </a>
          ) : undefined}
        </KeyFactRow>
      </dl>
    </aside>
  );
}

function KeyFactRow({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === undefined || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function writeShownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return text.length > maxPanelValueLength ? `${text.slice(0, maxPanelValueLength)}…` : text;
}
