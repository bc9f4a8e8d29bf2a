import type { Edit } from '@parley/dsl';
import type { Editor } from './editor.js';
import type { ViewStep } from './view.js';

/** The result stays reachable: who read it under the old name reads it under the new one. */
export function renameReads(
  editor: Editor,
  {
    from,
    to,
    readers,
  }: { readonly from: string; readonly to: string; readonly readers: readonly ViewStep[] },
): void {
  const renamed = editor.view.steps.find((step) => step.name === to);
  if (renamed?.task['export'] !== undefined) {
    editor.apply([
      {
        kind: 'setMember',
        step: renamed.path,
        path: ['export', 'as'],
        value: `\${ $context + { ${to}: . } }`,
      },
    ]);
  }
  const pattern = new RegExp(`\\$context\\.${from}\\b`, 'g');
  for (const { name } of readers) {
    const reader = editor.view.steps.find((step) => step.name === (name === from ? to : name));
    if (reader === undefined) continue;
    const edits = Object.entries(reader.task).flatMap(([key, value]): Edit[] => {
      if (['do', 'try', 'fork', 'export'].includes(key)) return [];
      const text = JSON.stringify(value);
      if (!pattern.test(text)) return [];
      pattern.lastIndex = 0;
      const changed = JSON.parse(text.replaceAll(pattern, `$$context.${to}`)) as typeof value;
      return [{ kind: 'setMember', step: reader.path, path: [key], value: changed }];
    });
    editor.apply(edits);
  }
}
