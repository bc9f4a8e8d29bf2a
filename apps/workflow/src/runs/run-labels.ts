import type { RunAttributes, RunPriority, StartRun } from '@parley/contracts';
import type { LabelChange } from '@parley/engine';
import { requestFingerprint } from '@parley/nest-kit';

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

/**
 * What a key is bound to: all that was asked for. A single start and an item of a batch with the same
 * content are the same, so that one that failed in a batch can be sent alone with its key.
 */
export function startFingerprint(
  workflowId: string,
  version: StartRun['version'],
  { input, priority, tags, attributes }: Omit<StartRun, 'version'>,
): string {
  const more = {
    ...(priority && { priority }),
    ...(tags && { tags }),
    ...(attributes && { attributes }),
  };
  // What has none of it keeps the fingerprint that it has always had.
  const extras = Object.keys(more).length === 0 ? [] : [more];
  return requestFingerprint('start', workflowId, version, input, ...extras);
}
