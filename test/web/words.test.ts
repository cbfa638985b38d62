import { expect, it } from 'vitest';
import { registryRoles as roles, spaceRoles as rolesInSpaces } from '../../core/access/rights.ts';
import { auditActions, auditOutcomes } from '../../core/audit/actions.ts';
import { mirrorOutcomes } from '../../core/mirror/settings.ts';
import { eventSelectors } from '../../core/webhooks/event-types.ts';
import { registryRoles, spaceRoles } from '../../web/api/roles.ts';
import { actionGroups, auditEventOutcomes } from '../../web/pages/audit/actions.ts';
import { versionOutcomes as mirrorOutcomesOfPage } from '../../web/pages/mirror/outcomes.ts';
import { allEventsSelector, eventGroups } from '../../web/pages/webhooks/events.ts';

it('offers on the page exactly the roles, events and actions that the registry has', () => {
  expect(spaceRoles).toEqual(rolesInSpaces);
  expect(registryRoles).toEqual(roles);
  expect([allEventsSelector, ...Object.values(eventGroups).flatMap(Object.keys)].sort()).toEqual(
    [...eventSelectors].sort(),
  );
  expect(Object.values(actionGroups).flat().sort()).toEqual([...auditActions].sort());
  expect(auditEventOutcomes).toEqual(auditOutcomes);
  expect(mirrorOutcomesOfPage).toEqual(mirrorOutcomes);
});
