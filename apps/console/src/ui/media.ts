import { useSyncExternalStore } from 'react';

const wide = window.matchMedia('(min-width: 1000px)');
const dark = window.matchMedia('(prefers-color-scheme: dark)');

function subscribeTo(query: MediaQueryList) {
  return (listener: () => void) => {
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  };
}

const [subscribeWide, subscribeDark] = [subscribeTo(wide), subscribeTo(dark)];

/** Whether two panes fit side by side. */
export function useIsWide(): boolean {
  return useSyncExternalStore(subscribeWide, () => wide.matches);
}

function subscribeTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const unsubscribe = subscribeDark(listener);
  return () => {
    observer.disconnect();
    unsubscribe();
  };
}

/** Whether dark colours are shown, by the person's choice or the system's. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribeTheme, () => {
    const chosen = document.documentElement.dataset['theme'];
    return chosen === undefined ? dark.matches : chosen === 'dark';
  });
}
