import type { Overwriting, Space, Visibility } from '@helm-registry/client';
import { useLocation } from 'preact-iso';
import { spaceQuery } from '../../api/lists.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { announce } from '../../parts/announce.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Choice } from '../../parts/form/fields.tsx';
import { Form } from '../../parts/form/form.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data } from '../../parts/states.tsx';

import './settings.css';

const visibilityTexts: Readonly<Record<Visibility, string>> = {
  private: 'Members read it.',
  internal: 'Everybody who is logged in reads it.',
  public: 'Everybody reads it, without a log-in.',
};

const overwritingTexts: Readonly<Record<Overwriting, string>> = {
  mutable: 'Maintainers may replace, rewrite and delete versions.',
  immutable: 'Versions that are there stay as they are, and go only with the space.',
};

/** Readers of a space, what may happen to its versions, and its deletion. */
export function General({ space }: { space: string }) {
  const settings = useData(spaceQuery, space);
  const { route } = useLocation();
  return (
    <Data data={settings} lines={8}>
      {(value) => (
        <div class="stack settings">
          <SettingsForm
            key={`${value.visibility} ${value.overwriting}`}
            space={value}
            onDone={settings.reload}
          />
          <section class="stack danger-zone">
            <h2>Delete the space</h2>
            <p class="muted">
              Its {describeCount(value.charts, 'chart')} with {describeCount(value.versions, 'version')} go
              with it, and so do its members, service accounts and webhooks.
            </p>
            <div>
              <ConfirmButton
                label="Delete"
                of={space}
                action="Delete the space"
                done={`Space ${space} is deleted.`}
                act={async () => {
                  await registry.space(space).delete();
                  route('/-/');
                }}
              >
                <p>
                  {describeCount(value.charts, 'chart')} with {describeCount(value.versions, 'version')} are
                  deleted for everybody. This cannot be undone.
                </p>
              </ConfirmButton>
            </div>
          </section>
        </div>
      )}
    </Data>
  );
}

function SettingsForm({ space, onDone }: { space: Space; onDone: () => void }) {
  const { name, visibility, overwriting } = space;
  return (
    <Form
      action="Save"
      send={async (fields) => {
        const seen = readKnownWord(keysOf(visibilityTexts), readText(fields, 'visibility'));
        const policy = readKnownWord(keysOf(overwritingTexts), readText(fields, 'overwriting'));
        await registry.space(name).change({
          ...(seen && { visibility: seen }),
          ...(policy && { overwriting: policy }),
        });
        announce('The settings are saved.');
        onDone();
      }}
    >
      <Choices legend="Who reads it" name="visibility" words={visibilityTexts} chosen={visibility} />
      <Choices legend="Its versions" name="overwriting" words={overwritingTexts} chosen={overwriting} />
    </Form>
  );
}

function Choices<Word extends string>({
  legend,
  name,
  words,
  chosen,
}: {
  legend: string;
  name: string;
  words: Readonly<Record<Word, string>>;
  chosen: Word | undefined;
}) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {keysOf(words).map((word) => (
        <Choice
          key={word}
          type="radio"
          name={name}
          value={word}
          label={`${word.charAt(0).toUpperCase()}${word.slice(1)}`}
          hint={words[word]}
          isChosen={word === chosen}
        />
      ))}
    </fieldset>
  );
}

function keysOf<Word extends string>(words: Readonly<Record<Word, string>>): Word[] {
  const keys: Word[] = [];
  for (const word in words) keys.push(word);
  return keys;
}
