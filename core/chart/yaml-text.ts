import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/**
 * The text of a scalar as go.yaml.in/yaml/v2 reads it. A block scalar that the file ends in has a line end only if the
 * file has: js-yaml adds one, and so does Helm 4, though to values.yaml alone.
 *
 * @param text what the event was found in
 */
export function readScalarText(text: string, event: ScalarEvent): string {
  const value = getScalarValue(text, event);
  return isUnended(text, event) && value.endsWith('\n') ? value.slice(0, -1) : value;
}

/** Whether the text ends within a block scalar, so that a line end behind it would be part of it. */
export function endsInBlock(text: string, events: readonly Event[]): boolean {
  return events.some((event) => event.type === EVENT_ID.SCALAR && isUnended(text, event));
}

function isUnended(text: string, { style, valueEnd }: ScalarEvent): boolean {
  const block = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
  return block && valueEnd === text.length && !/[\r\n]$/.test(text);
}
