import { z } from '@hono/zod-openapi';
import { recipeLimits } from '../core/recipe/recipe.ts';
import { nextSteps } from '../core/semver/next-version.ts';
import { followSettings } from './follow-settings-schema.ts';
import { recipeExample } from './openapi/examples.ts';

// Schemas of recipes for `/openapi.json`, as clients send them.

const nodeSource = z
  .object({
    independent: z.boolean().openapi({
      description: 'Whether it is a stored version; otherwise a subchart inside the source of the parent.',
    }),
    space: z.string().optional().openapi({ description: 'The space of the new chart if left out.' }),
    chart: z.string(),
    version: z.string().openapi({
      description:
        'A version; or a range as Helm reads it (`^1.2`, `~1.2.3`, `>=1 <2`, `1.2.x`), or `latest`, resolved when the ' +
        'recipe is accepted. `1.2` is the range `1.2.x`, unless a version of that very text is stored.',
    }),
    subcharts: z
      .enum(['keep', 'resolve', 'drop'])
      .optional()
      .openapi({
        description:
          "`drop` unless it is given. What becomes of the source's own subcharts that the recipe does not name. `resolve` keeps them, and takes what " +
          'the source declares and its archive does not contain from the registry.',
      }),
  })
  .openapi('NodeSource', { description: 'Chart from which a node is made.' });

const childNode: z.ZodType<Record<string, unknown>> = z.lazy(() => recipeNode);

/** Node of a recipe, with its children under names of their own. */
const recipeNode = z
  .object({
    package: nodeSource.optional(),
    _config: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({ description: 'Values that the node gets.' }),
  })
  // A child is a node; the open object beside it lets generated TypeScript have `package` next to children.
  .catchall(z.union([childNode, z.looseObject({})]))
  .openapi('RecipeNode', {
    description:
      'Every key beside `package` and `_config` is a child node under the name it gets in the new chart. The root without ' +
      '`package` is an umbrella: it has nothing of its own but Chart.yaml, values.yaml and its children.',
  });

/** Recipe as clients send it. */
export const recipe = z
  .object({
    save: z.looseObject({
      chart: z.string(),
      version: z.string(),
      description: z.string().optional(),
      appVersion: z.string().optional(),
      keywords: z.array(z.string()).optional(),
      icon: z.string().optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      type: z
        .enum(['application', 'library'])
        .optional()
        .openapi({ description: 'Only for a root without a `package`.' }),
      values: z.enum(['merge', 'replace', 'literal']).optional(),
      replace: z.boolean().optional().openapi({
        description: 'Whether a version that exists is replaced, in a mutable space.',
      }),
      follow: followSettings.partial().optional().openapi({
        description: 'Composes the chart anew when its sources change, from its version on.',
      }),
      from: z.array(z.string()).max(recipeLimits.from).optional().openapi({
        description:
          'Spaces in which `resolve` looks for missing parts, in order, after the space of the chart that declares them.',
      }),
    }),
    configs: recipeNode,
    callback: z.object({ url: z.url(), secret: z.string().optional() }).optional(),
  })
  .openapi('Recipe', { example: recipeExample });

/** Body of a request to recompose. */
export const recomposition = z
  .object({
    next: z
      .enum(nextSteps)
      .optional()
      .openapi({
        description:
          'Step from the highest version of the line: of the same minor version for `patch` and `prerelease`, of the same ' +
          'major version for `minor`, of the chart for `major`. Either this or `version`.',
      }),
    version: z.string().optional().openapi({ description: 'The new version.' }),
    changes: z
      .looseObject({})
      .optional()
      .openapi({ description: 'JSON merge patch (RFC 7396) of the recipe.' }),
    callback: recipe.shape.callback,
  })
  .openapi('Recomposition');
