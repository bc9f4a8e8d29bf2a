import type { Workflow, WorkflowVersion } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client';
import { useNameOf } from '../../app/people';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { useToasts } from '../../ui/toast';
import { When } from '../../ui/when';
import styles from './workflow-page.module.css';

export interface VersionListProps {
  readonly workflow: Workflow;
  readonly versions: readonly WorkflowVersion[];
  readonly shown: number | undefined;
  readonly onShow: (version: number) => void;
}

/** The versions, who approved each, and which one is in use. */
export function VersionList({ workflow, versions, shown, onShow }: VersionListProps) {
  const nameOf = useNameOf();
  const tagsOf = (version: number) =>
    Object.keys(workflow.tags).filter((tag) => workflow.tags[tag] === version);
  return (
    <ul className={styles['list']}>
      {versions.map(({ version, approvedBy, createdAt }) => {
        const tags = tagsOf(version);
        return (
          <li key={version} data-testid="version-row" data-version={version}>
            <button
              type="button"
              className={styles['version']}
              aria-pressed={version === shown}
              onClick={() => onShow(version)}
            >
              <span className={styles['number']}>
                Version {version}
                {tags.map((tag) => (
                  <span key={tag} className={styles['tag']} data-live={tag === 'live'}>
                    {tag === 'live' ? 'in use' : tag}
                  </span>
                ))}
              </span>
              <small>
                approved by {nameOf(approvedBy)}, <When at={createdAt} />
              </small>
            </button>
            {tags.includes('live') ? null : <UseVersion workflow={workflow} version={version} />}
          </li>
        );
      })}
    </ul>
  );
}

/** Moves the tag `live`, which new runs follow. */
function UseVersion({ workflow, version }: { workflow: Workflow; version: number }) {
  const mayBuild = useMay('build');
  const queries = useQueryClient();
  const toasts = useToasts();
  const move = useMutation({
    mutationFn: () =>
      client.call('setTag', { params: { workflow: workflow.id, tag: 'live' }, body: { version } }),
    onSuccess: async (changed) => {
      queries.setQueryData(['workflow', workflow.id], changed);
      toasts.success(`New runs of ${workflow.title} use version ${String(version)}`);
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['workflows'] }),
        queries.invalidateQueries({ queryKey: ['version', workflow.id] }),
      ]);
    },
    onError: (error) => toasts.failure(error),
  });
  return (
    <Button
      size="small"
      kind="quiet"
      data-testid="use-version"
      aria-label={`Use version ${String(version)}`}
      busy={move.isPending}
      disabled={!mayBuild}
      onClick={() => move.mutate()}
    >
      Use this
    </Button>
  );
}
