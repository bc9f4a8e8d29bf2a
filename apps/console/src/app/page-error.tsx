import type { ErrorComponentProps } from '@tanstack/react-router';
import { messageOf } from '../api/client';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';

export function PageError({ error }: ErrorComponentProps) {
  return (
    <EmptyState title="This page could not be shown">
      <p>{messageOf(error)}</p>
      <Button onClick={() => location.reload()}>Reload</Button>
    </EmptyState>
  );
}
