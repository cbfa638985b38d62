import type { Mirror } from '@helm-registry/client';
import { Choice, SelectField, TextField } from '../../parts/form/fields.tsx';
import { credentialChoices } from './read-mirror.ts';

const numberAttributes = (min: number, max: number) => ({ type: 'number', min, max }) as const;

/** Fields of a mirror, new or as it is. */
export function MirrorFields({ mirror }: { mirror?: Mirror }) {
  const isNew = mirror === undefined;
  const textOf = (value: number | undefined) => String(value ?? '');
  return (
    <>
      <TextField
        label="Address of the upstream"
        name="url"
        type="url"
        required
        maxLength={1024}
        defaultValue={mirror?.url ?? ''}
        placeholder="https://charts.example.com/stable"
        hint="As “helm repo add” takes it, or oci://HOST/PATH for the charts below a path of an OCI registry."
      />
      <Choice
        label="Ask an OCI registry without encryption"
        name="plainHttp"
        value="true"
        isChosen={mirror?.plainHttp ?? false}
      />
      <TextField
        label="Charts"
        name="charts"
        defaultValue={mirror?.charts.join(', ') ?? '*'}
        hint="Names or globs with commas, such as web*. * is all charts. An OCI registry without a catalogue wants names."
      />
      <TextField
        label="Range of versions"
        name="range"
        defaultValue={mirror?.range ?? ''}
        placeholder=">=1.2.0"
        hint="Empty is all versions."
      />
      <TextField
        {...numberAttributes(1, 100_000)}
        label="Highest versions of each chart"
        name="last"
        defaultValue={textOf(mirror?.last)}
        hint="Empty is all of them. Pre-releases are counted apart."
      />
      <Choice
        label="Take pre-releases"
        name="prereleases"
        value="true"
        isChosen={mirror?.prereleases ?? true}
      />
      <TextField
        {...numberAttributes(0, 3_650)}
        label="Days for which a version must have been seen"
        name="minAgeDays"
        defaultValue={textOf(mirror?.minAgeDays ?? 0)}
        hint="Counted from the run that saw it first. 0 takes each version at once. In an OCI registry, versions of the first run count as old."
      />
      <TextField
        {...numberAttributes(5, 525_600)}
        label="Minutes between two runs"
        name="every"
        defaultValue={isNew ? '60' : textOf(mirror.every ?? undefined)}
        hint="Empty pauses the schedule: it runs on request only."
      />
      <fieldset class="choices">
        <legend>When the upstream changes</legend>
        <Choice
          label="Delete what it has deleted"
          name="prune"
          value="true"
          isChosen={mirror?.prune ?? false}
          hint="Otherwise such versions stay here."
        />
        <Choice
          label="Replace what it has replaced"
          name="overwrite"
          value="true"
          isChosen={mirror?.overwrite ?? false}
          hint="Otherwise the bytes that were stored first stay, and the change is reported."
        />
      </fieldset>
      <TextField
        {...numberAttributes(1, 100_000)}
        label="Versions that one run may delete"
        name="mostPruned"
        defaultValue={textOf(mirror?.mostPruned ?? 100)}
        hint="Where more are gone upstream, none is deleted. Counts only with “Delete what it has deleted”."
      />
      <Credentials mirror={mirror} />
    </>
  );
}

function Credentials({ mirror }: { mirror: Mirror | undefined }) {
  const { keep, none, new: set } = credentialChoices;
  return (
    <fieldset class="choices stack">
      <legend>Credentials of the upstream</legend>
      {mirror?.hasCredentials ? (
        <SelectField
          label="User name and password"
          name="credentials"
          value="keep"
          options={{ keep, new: set, none }}
          hint="They are never shown, and leave with another host in the address."
        />
      ) : null}
      <TextField label="User name" name="credentials/username" maxLength={1024} />
      <TextField
        label="Password"
        name="credentials/password"
        type="password"
        autocomplete="new-password"
        maxLength={4096}
      />
      <TextField
        label="Token service"
        name="credentials/realm"
        type="url"
        maxLength={1024}
        hint="Address of a service on another host that gets them too, for an OCI registry. Empty is none."
      />
    </fieldset>
  );
}
