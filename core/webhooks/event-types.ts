/** Events that webhooks of a space can be called for, by their groups. */
const eventNamesByGroup = {
  version: ['published', 'replaced', 'deleted'],
  job: ['succeeded', 'failed', 'cancelled'],
  follow: ['composed', 'failed'],
  mirror: ['completed', 'failed'],
  quota: ['near'],
  retention: ['succeeded', 'halted', 'failed'],
  token: ['expiring'],
} as const;
type EventNames = typeof eventNamesByGroup;

/** Type of an event, as payloads have it. */
export type EventType = {
  [Group in keyof EventNames]: `${Group}.${EventNames[Group][number]}`;
}[keyof EventNames];

/** All types of events. */
export const eventTypes: readonly string[] = Object.entries(eventNamesByGroup).flatMap(([group, names]) =>
  names.map((name) => `${group}.${name}`),
);

/** Texts that select events: types, their groups such as `job.*`, and `*` for all. */
export const eventSelectors: readonly string[] = [
  '*',
  ...Object.keys(eventNamesByGroup).map((group) => `${group}.*`),
  ...eventTypes,
];

/** Types of calls that are about the webhook itself; every webhook gets them. */
export const testEventType = 'webhook.test';
export const resumedEventType = 'webhook.resumed';

/** Whether a webhook with some selectors wants events of a type. */
export function wantsEvent(selectors: readonly string[], type: string): boolean {
  const group = type.slice(0, type.indexOf('.'));
  return selectors.some((selector) => selector === '*' || selector === type || selector === `${group}.*`);
}
