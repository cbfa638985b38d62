import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { whoAmIQuery } from '../../api/lists.ts';
import { isKnownCaller } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Copyable } from '../../parts/copy-button.tsx';
import { pathToLogIn } from '../../parts/log-in.ts';
import { Skeleton } from '../../parts/states.tsx';
import { NewSpaceButton } from '../space/new-space.tsx';
import { mayUpload } from '../upload/may-upload.ts';
import { UploadPanel } from '../upload/upload-panel.tsx';
import { UploadRows } from '../upload/upload-rows.tsx';

/** Home of a reader who sees no space. It tells how to store the first charts, or how to get to see some. */
export function FirstSteps({ onDone }: { onDone: () => void }) {
  const { value: me, problem } = useData(whoAmIQuery, 'me');
  const { url } = useLocation();
  const hasUploaded = useSignal(false);
  const typedSpace = useSignal('');
  if (!me && !problem) return <Skeleton lines={12} />;
  if (me?.kind === 'anonymous')
    return (
      <section class="stack first-steps">
        <h1>Nothing here is public</h1>
        <p>
          Charts of this registry are seen by who may read them. <a href={pathToLogIn(url)}>Log in</a> to see
          yours.
        </p>
        <UploadRows space={undefined} />
      </section>
    );
  if (isKnownCaller(me) && !mayUpload(me))
    return (
      <section class="stack first-steps">
        <h1>You may read nothing here yet</h1>
        <p>
          You are <bdi>{me.name}</bdi>, and have no role in any space. Ask the owner of a space, or an admin,
          for one.
        </p>
      </section>
    );
  const { origin, host, protocol } = location;
  const plain = protocol === 'http:' ? ' --plain-http' : '';
  // As it stands in an address: somebody may be in the middle of a name.
  const space = encodeURIComponent(typedSpace.value || 'charts');
  return (
    <section class="stack first-steps">
      {isKnownCaller(me) ? (
        <div class="stack">
          <div>
            <h1>Create your first space</h1>
            <p class="muted">
              You see no space yet. A space holds charts, and its owner says who reads and stores them.
            </p>
          </div>
          <div>
            <NewSpaceButton />
          </div>
          <h2>Or store charts right away</h2>
        </div>
      ) : (
        <div>
          <h1>Store your first charts</h1>
          <p class="muted">This registry is empty. Drop archives here, or send them from a terminal.</p>
        </div>
      )}
      <UploadPanel
        onName={(name) => {
          typedSpace.value = name;
        }}
        onDone={() => {
          hasUploaded.value = true;
        }}
      />
      {hasUploaded.value ? (
        <p>
          <Button kind="primary" onClick={onDone}>
            Show the charts
          </Button>
        </p>
      ) : null}
      <h2>From a terminal</h2>
      <div class="first-commands">
        <div class="stack">
          <h3>With curl</h3>
          <Copyable
            label="upload with curl"
            text={`curl -F chartfile=@my-chart-1.0.0.tgz \\\n  ${origin}/api/v1/spaces/${space}/charts`}
          />
        </div>
        <div class="stack">
          <h3>With Helm, as an OCI registry</h3>
          <Copyable
            label="push with Helm"
            text={`helm package my-chart\nhelm push my-chart-1.0.0.tgz \\\n  oci://${host}/${space}${plain}`}
          />
        </div>
      </div>
      <p>
        Then{' '}
        <code>
          helm repo add {space} {origin}/{space}
        </code>{' '}
        installs from it. Programs find everything in <a href="/docs">the interface</a>.
      </p>
      {me?.kind === 'open' ? (
        <div>
          <NewSpaceButton isOpen />
        </div>
      ) : null}
    </section>
  );
}
