import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { useToasts } from '../../ui/toast';

/** Opens a conversation whose draft begins as the version in use. */
export function RefineInChat({ workflowId }: { workflowId: string }) {
  const mayBuild = useMay('build');
  const navigate = useNavigate();
  const toasts = useToasts();
  const [key] = useState(() => crypto.randomUUID());
  const refine = useMutation({
    mutationFn: () =>
      client.call('createConversation', { body: { workflowId }, idempotencyKey: key }),
    onSuccess: ({ id }) =>
      navigate({ to: '/conversations/$conversation', params: { conversation: id } }),
    onError: (error) => toasts.failure(error),
  });
  return (
    <Button
      data-testid="refine-in-chat"
      busy={refine.isPending}
      disabled={!mayBuild}
      title={mayBuild ? undefined : 'Your roles do not allow to change workflows'}
      onClick={() => refine.mutate()}
    >
      Refine in chat
    </Button>
  );
}
