import { describe, expect, it } from '@jest/globals';
import { untilVisible, whileVisible, type Tab } from './visible';

class FakeTab extends EventTarget implements Tab {
  visibilityState: DocumentVisibilityState = 'visible';
  watchers = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.watchers += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.watchers -= 1;
    super.removeEventListener(...args);
  }

  become(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

async function isDone(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5)),
  ]);
}

describe('a tab that is looked at', () => {
  it('is not waited for', async () => {
    const tab = new FakeTab();
    expect(await isDone(untilVisible(tab, new AbortController().signal))).toBe(true);
    expect(tab.watchers).toBe(0);
  });

  it('aborts what belongs to the look when it is hidden', () => {
    const tab = new FakeTab();
    const look = whileVisible(tab, new AbortController().signal);
    expect(look.signal.aborted).toBe(false);
    tab.become('hidden');
    expect(look.signal.aborted).toBe(true);
    look.end();
    expect(tab.watchers).toBe(0);
  });

  it('leaves alone what ended before it was hidden', () => {
    const tab = new FakeTab();
    const look = whileVisible(tab, new AbortController().signal);
    look.end();
    tab.become('hidden');
    expect(look.signal.aborted).toBe(false);
  });
});

describe('a hidden tab', () => {
  it('is waited for until it is shown', async () => {
    const tab = new FakeTab();
    tab.become('hidden');
    const shown = untilVisible(tab, new AbortController().signal);
    expect(await isDone(shown)).toBe(false);
    tab.become('visible');
    expect(await isDone(shown)).toBe(true);
    expect(tab.watchers).toBe(0);
  });

  it('is not waited for any longer than anybody wants', async () => {
    const tab = new FakeTab();
    tab.become('hidden');
    const stop = new AbortController();
    const shown = untilVisible(tab, stop.signal);
    stop.abort();
    expect(await isDone(shown)).toBe(true);
    expect(tab.watchers).toBe(0);
  });

  it('has nothing begun in it', () => {
    const tab = new FakeTab();
    tab.become('hidden');
    expect(whileVisible(tab, new AbortController().signal).signal.aborted).toBe(true);
  });
});
