import type { PaletteEntry } from './entries.ts';

/** Id of the option at a place, by which the field names it. */
export const optionId = (at: number) => `palette-option-${at}`;

/** Lines of the palette under the names of their groups. */
export function Entries({
  entries,
  chosen,
  onRun,
}: {
  entries: readonly PaletteEntry[];
  chosen: number;
  onRun: (entry: PaletteEntry) => void;
}) {
  const groups = [...new Set(entries.map(({ group }) => group))];
  return (
    <div id="palette-options" class="palette-options" role="listbox" aria-label="Found" tabIndex={-1}>
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: groups of options have no element of their own.
        <div key={group} role="group" aria-label={group}>
          <div class="palette-group" aria-hidden="true">
            {group}
          </div>
          {entries.map((entry, at) =>
            entry.group === group ? (
              // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the field keeps the focus and its keys.
              <div
                key={entry.id}
                id={optionId(at)}
                class="palette-option"
                role="option"
                aria-selected={at === chosen}
                onClick={() => onRun(entry)}
              >
                <span>{entry.label}</span>
                {entry.hint === undefined ? null : <span class="small muted">{entry.hint}</span>}
              </div>
            ) : null,
          )}
        </div>
      ))}
    </div>
  );
}
