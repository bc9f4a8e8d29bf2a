import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: {
    conditions: ['parley-source', 'module', 'browser', 'production', 'import', 'default'],
  },
  build: { target: 'es2023', chunkSizeWarningLimit: 1200, sourcemap: false },
  worker: { format: 'es' },
});
