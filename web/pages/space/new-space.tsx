import { useLocation } from 'preact-iso';
import { registry } from '../../api/registry.ts';
import { pathTo } from '../../parts/address.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';

const visibilityChoices = ['private', 'internal', 'public'] as const;

const texts = {
  private: 'private: members read it',
  internal: 'internal: everybody who is logged in reads it',
  public: 'public: everybody reads it',
};

/**
 * Button with the form of a new space, which the reader owns. The form leads to the settings of the space.
 * @param isOpen whether access is open: then the form has no field for who reads the space, and the form leads to its
 *   charts
 */
export function NewSpaceButton({ isOpen = false }: { isOpen?: boolean }) {
  const { route } = useLocation();
  return (
    <FormButton
      label="New space"
      title="New space"
      action="Create the space"
      done="The space is created."
      send={async (fields) => {
        const name = readText(fields, 'space');
        const visibility = readKnownWord(visibilityChoices, readText(fields, 'visibility')) ?? 'private';
        await registry.spaces.create(name, isOpen ? {} : { visibility });
        route(isOpen ? pathTo('spaces', name) : pathTo('spaces', name, 'settings'));
      }}
    >
      <TextField label="Name" name="space" required hint="Letters, digits and hyphens, such as team-a." />
      {isOpen ? null : <SelectField label="Who reads it" name="visibility" options={texts} />}
    </FormButton>
  );
}
