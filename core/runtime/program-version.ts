import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packageFolder } from './package-folder.ts';

/** Version of this program, from package.json. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))).version;
