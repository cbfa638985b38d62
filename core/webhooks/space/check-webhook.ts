import { findGlobFault } from '../../access/chart-globs.ts';
import { RegistryError } from '../../errors.ts';
import { suggestName } from '../../runtime/nearest-name.ts';
import { findSecretFault, findUrlFault, parseCallbackUrl } from '../callback.ts';
import { eventSelectors } from '../event-types.ts';
import type { AddressGuard } from '../guard.ts';

/** Settings of a webhook, as requests have them. */
export interface WebhookSettings {
  url: string;
  description?: string | undefined;
  /** Types of events, groups such as `job.*`, or `*`. */
  events: readonly string[];
  /** Globs of chart names; null or absent for all charts. */
  charts?: readonly string[] | null | undefined;
  secret?: string | undefined;
}

/** Settings of which some may be absent. */
export type PartialSettings = { [Key in keyof WebhookSettings]?: WebhookSettings[Key] | undefined };

/** Longest description, in characters. */
const maxDescription = 200;

/**
 * Checks settings of a webhook and returns them as they are stored.
 * @returns the settings with the URL in normal form, and each event once
 * @throws {RegistryError} `webhook.invalid` with the pointer of the value at fault, which is not shown
 */
export function checkSettings<Settings extends PartialSettings>(
  settings: Settings,
  guard: AddressGuard,
): Settings {
  const { url, description, events, charts, secret } = settings;
  const checked = { ...settings };
  if (url !== undefined) checked.url = checkUrl(url, guard);
  if (description !== undefined && description.length > maxDescription)
    throw webhookSettingsError('/description', `The description has more than ${maxDescription} characters.`);
  if (events !== undefined) checked.events = checkEvents(events);
  const globFault = charts ? findGlobFault(charts) : undefined;
  if (globFault !== undefined) throw webhookSettingsError('/charts', globFault);
  const secretFault = secret === undefined ? undefined : findSecretFault(secret);
  if (secretFault !== undefined) throw webhookSettingsError('/secret', `The webhook's secret ${secretFault}`);
  return checked;
}

function checkUrl(text: string, guard: AddressGuard): string {
  const url = parseCallbackUrl(text);
  if (typeof url === 'string') throw webhookSettingsError('/url', `The webhook's URL ${url}.`);
  const fault = findUrlFault(url, guard);
  if (fault !== undefined) throw webhookSettingsError('/url', `The webhook's address ${fault}`);
  return url.href;
}

function checkEvents(events: readonly string[]): string[] {
  if (events.length === 0)
    throw webhookSettingsError('/events', 'A webhook must have events: give types, or * for all.');
  events.forEach((event, index) => {
    if (eventSelectors.includes(event)) return;
    throw webhookSettingsError(
      `/events/${index}`,
      `There is no such event. ${suggestName(event, eventSelectors)}`,
    );
  });
  return [...new Set(events)];
}

/** Makes the error for settings that are not accepted. */
export function webhookSettingsError(pointer: string, message: string): RegistryError {
  return new RegistryError('webhook.invalid', message, { pointer });
}
