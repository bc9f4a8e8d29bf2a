import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/empty-state';

export function NotFound() {
  return (
    <EmptyState title="There is nothing at this address">
      <Link to="/conversations">Go to your conversations</Link>
    </EmptyState>
  );
}
