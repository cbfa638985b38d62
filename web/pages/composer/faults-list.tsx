import type { ConfigFault } from './recipe-of-draft.ts';

const maxShown = 5;

/** List of what is wrong with values, each with its line. The list also says why a schema says nothing. */
export function FaultsList(props: {
  faults: readonly ConfigFault[];
  unchecked: readonly string[];
  onVisit: (line: number) => void;
}) {
  const { faults, unchecked, onVisit } = props;
  const more = faults.length - maxShown;
  return (
    <div>
      {faults.length > 0 && (
        <ul class="faults">
          {faults.slice(0, maxShown).map(({ line = 1, message, severity }) => (
            <li key={`${line} ${message}`} class={severity ?? 'fault'}>
              <button type="button" class="link" onClick={() => onVisit(line)}>
                Line {line}
              </button>
              : {message}
            </li>
          ))}
          {more > 0 && <li class="hint">and {more} more</li>}
        </ul>
      )}
      {unchecked.map((reason) => (
        <p key={reason} class="hint">
          {reason} The dry run decides.
        </p>
      ))}
      {faults.length === 0 && (
        <p class="hint">
          What is left out keeps the default of the chart; null removes a default. Ctrl+Space shows keys and
          values.
        </p>
      )}
    </div>
  );
}
