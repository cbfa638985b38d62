import { provenanceQuery } from '../../../api/chart.ts';
import { referrersQuery } from '../../../api/referrers.ts';
import { useData } from '../../../api/use-data.ts';
import { Copyable, CopyButton } from '../../../parts/copy-button.tsx';
import { Data } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { ReferrerList } from './referrer-list.tsx';
import { verifyCommands } from './verify-commands.ts';

/** Tab with proofs of a version. The tab has digests, Helm's provenance file, signatures of OCI, and how to verify them. */
export function Provenance({ details }: TabProperties) {
  const { space, chart, version, provenance: hasFile } = details;
  const at = { space, chart, version };
  const provenance = useData(provenanceQuery, hasFile ? at : undefined);
  const artifact = useData(referrersQuery, at);
  return (
    <div class="stack">
      <section class="stack" aria-labelledby="digests">
        <h2 id="digests">Digests</h2>
        <dl class="digests">
          <Digest name="Archive" digest={details.digest} />
          {artifact.value ? <Digest name="OCI manifest" digest={artifact.value.digest} /> : null}
        </dl>
      </section>
      <section class="stack" aria-labelledby="provenance-file">
        <h2 id="provenance-file">Provenance file</h2>
        {hasFile ? (
          <Data data={provenance} lines={8}>
            {(text) => (
              <>
                <p class="muted small">
                  Signed by <code>helm package --sign</code>. The registry checked that it names this archive;
                  whose key signed it is yours to verify.
                </p>
                <Copyable text={verifyCommands(at, location).helm} label="command that verifies" />
                <Copyable text={text} label="provenance file" />
              </>
            )}
          </Data>
        ) : (
          <p class="muted">
            This version has none: it was not packaged with <code>helm package --sign</code>.
          </p>
        )}
      </section>
      <section class="stack" aria-labelledby="referrers">
        <h2 id="referrers">Signatures and attestations</h2>
        <Data data={artifact} lines={3}>
          {(value) =>
            value ? (
              <>
                <ReferrerList referrers={value.referrers} />
                {value.referrers.length > 0 ? (
                  <Copyable
                    text={verifyCommands(at, location).cosign}
                    label="command that verifies signatures"
                  />
                ) : null}
              </>
            ) : (
              <p class="muted">
                They cannot be read by a session of the browser. Use an OCI client such as oras.
              </p>
            )
          }
        </Data>
      </section>
    </div>
  );
}

function Digest({ name, digest }: { name: string; digest: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="row">
        <code>{digest}</code> <CopyButton text={digest} label={`digest of the ${name}`} />
      </dd>
    </div>
  );
}
