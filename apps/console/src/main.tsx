import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client';
import { router } from './app/router';
import { SignInGate } from './auth/sign-in-gate';
import { ToastProvider } from './ui/toast';
import './ui/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <SignInGate>
          <RouterProvider router={router} />
        </SignInGate>
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
);
