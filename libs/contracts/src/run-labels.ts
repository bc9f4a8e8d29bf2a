import { z } from 'zod';

const tagsMax = 32;
const attributesMax = 32;

/** Control characters, U+0000 among them, and halves of surrogate pairs can be searched by nobody. */
function isPlainText(text: string): boolean {
  return !/\p{Cc}/u.test(text) && text.isWellFormed();
}

const noControls = { error: 'must not contain control characters such as U+0000' };

/** A word that a run can be found by. */
export const RunTag = z
  .string()
  .min(1)
  .max(64)
  .refine(isPlainText, noControls)
  .meta({ id: 'RunTag' });
export type RunTag = z.infer<typeof RunTag>;

const AttributeName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/)
  .describe('Letters, digits, "_", "." and "-", beginning with a letter');

/** Of a search attribute. A text in RFC 3339 form can be compared as a time. */
export const AttributeValue = z
  .union([z.string().max(256).refine(isPlainText, noControls), z.number(), z.boolean()])
  .meta({ id: 'AttributeValue' });
export type AttributeValue = z.infer<typeof AttributeValue>;

export const RunTags = z.array(RunTag).max(tagsMax);

/** Search attributes by name. */
export const RunAttributes = z
  .record(AttributeName, AttributeValue)
  .refine((attributes) => Object.keys(attributes).length <= attributesMax, {
    error: `must have at most ${String(attributesMax)} members`,
  });
export type RunAttributes = z.infer<typeof RunAttributes>;

/** Body of `PATCH /v1/runs/{run}`. */
export const UpdateRun = z
  .strictObject({
    addTags: RunTags.optional(),
    removeTags: RunTags.optional(),
    attributes: z
      .record(AttributeName, AttributeValue.nullable())
      .optional()
      .describe('Values by name; null takes an attribute away'),
  })
  .meta({ id: 'UpdateRun' });
export type UpdateRun = z.infer<typeof UpdateRun>;
