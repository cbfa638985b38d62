import type { AuditEvent } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Time } from '../../parts/time.tsx';

/** Everything that is recorded of an event. */
export function AuditDialog({ event, onClose }: { event: AuditEvent | undefined; onClose: () => void }) {
  return (
    <Dialog title={event?.action ?? 'Event'} isOpen={event !== undefined} onClose={onClose}>
      {event === undefined ? null : <AuditEventFacts event={event} />}
    </Dialog>
  );
}

function AuditEventFacts({ event }: { event: AuditEvent }) {
  const { principal, digests, details, job } = event;
  const facts = {
    Outcome: event.outcome,
    Right: event.right,
    By: `${principal.kind} ${principal.name ?? ''}`.trim(),
    Credential: principal.token
      ? `token ${principal.token.name ?? principal.token.id}`
      : principal.credential,
    Space: event.space,
    Chart: event.chart,
    Version: event.version,
    Interface: event.door,
    Address: event.address,
    Program: event.agent,
    Request: event.request,
    'Digest before': digests?.before,
    'Digest after': digests?.after,
  };
  return (
    <div class="stack">
      <Facts>
        <Fact name="Time">
          <Time at={event.time} /> <span class="mono small muted">{event.time}</span>
        </Fact>
        {Object.entries(facts).map(([name, value]) =>
          value === undefined ? null : (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ),
        )}
        {job === undefined ? null : (
          <Fact name="Job">
            <a href={pathTo('jobs', job)}>{job}</a>
          </Fact>
        )}
      </Facts>
      {details === undefined ? null : (
        <Copyable text={JSON.stringify(details, null, 2)} label="the details" />
      )}
    </div>
  );
}
