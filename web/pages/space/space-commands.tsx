import { Copyable } from '../../parts/copy-button.tsx';

/** Commands that take charts from a space. */
export function SpaceCommands({ space }: { space: string }) {
  const { origin, host, protocol } = location;
  const plain = protocol === 'http:' ? ' --plain-http' : '';
  return (
    <div class="stack">
      <h2>As a chart repository</h2>
      <Copyable
        label="add the repository"
        text={`helm repo add ${space} ${origin}/${space}\nhelm repo update ${space}`}
      />
      <h2>As an OCI registry</h2>
      <Copyable label="pull from OCI" text={`helm pull oci://${host}/${space}/CHART${plain}`} />
    </div>
  );
}
