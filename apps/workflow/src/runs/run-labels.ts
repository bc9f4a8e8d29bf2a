import type { RunAttributes, RunPriority } from '@parley/contracts';
import type { LabelChange } from '@parley/engine';

/** The labels that a request gives a new run, as its start takes them. */
export function labelsGiven(given: {
  readonly tags?: readonly string[];
  readonly attributes?: RunAttributes;
}): { labels?: LabelChange } {
  const { tags = [], attributes = {} } = given;
  if (tags.length === 0 && Object.keys(attributes).length === 0) return {};
  return { labels: { addTags: tags, attributes } };
}

/** Without one the definition says. */
export function priorityGiven({ priority }: { readonly priority?: RunPriority | undefined }): {
  priority?: RunPriority;
} {
  return priority === undefined ? {} : { priority };
}
