import type { Run } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { useToasts } from '../../ui/toast';

/** Goes on in the conversation that the workflow came from, or a new one, about this run. */
export function AskAgent({ run }: { run: Run }) {
  const mayBuild = useMay('build');
  const navigate = useNavigate();
  const toasts = useToasts();
  const ask = useMutation({
    mutationFn: async () => {
      const { workflowId } = run;
      const workflow = await client.call('getWorkflow', { params: { workflow: workflowId } });
      if (workflow.conversationId !== undefined) return workflow.conversationId;
      const idempotencyKey = `ask-${run.id}`;
      return (await client.call('createConversation', { body: { workflowId }, idempotencyKey })).id;
    },
    onSuccess: (conversation) =>
      navigate({
        to: '/conversations/$conversation',
        params: { conversation },
        search: { run: run.id },
      }),
    onError: (error) => toasts.failure(error),
  });
  return (
    <Button
      data-testid="ask-agent"
      busy={ask.isPending}
      disabled={!mayBuild}
      title={mayBuild ? undefined : 'Your roles do not allow to change workflows'}
      onClick={() => ask.mutate()}
    >
      Ask the agent
    </Button>
  );
}
