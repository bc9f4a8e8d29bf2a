import { describe, expect, it } from '@jest/globals';
import { journalLevel } from '@parley/engine';
import { ManualClock } from '@parley/kernel';
import { JournalLevels } from './journal-levels.js';

/** A database that switches a level on as soon as no older replica is alive. */
function levelsBeside(olderReplica: { isAlive: boolean }) {
  const clock = new ManualClock(1_000_000);
  const asked: number[] = [];
  const levels = new JournalLevels(
    {
      switchOn: (level) => {
        asked.push(level);
        return Promise.resolve(olderReplica.isAlive ? 1 : level);
      },
    },
    clock,
  );
  const allowed = async () => {
    const has = levels.hasOrAsks('grownLists');
    await new Promise(setImmediate);
    return has;
  };
  return { levels, clock, asked, allowed };
}

describe('what there is another way for', () => {
  it('is asked for when it is first wanted, and may be written afterwards', async () => {
    const { levels, asked, allowed } = levelsBeside({ isAlive: false });
    expect(levels.has('grownLists')).toBe(false);
    expect(asked).toEqual([]);
    expect(await allowed()).toBe(false);
    expect(asked).toEqual([journalLevel]);
    expect(levels.has('grownLists')).toBe(true);
    expect(await allowed()).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('is asked for again from time to time while it is refused', async () => {
    const older = { isAlive: true };
    const { levels, clock, asked, allowed } = levelsBeside(older);
    expect(await allowed()).toBe(false);
    clock.advance(59_999);
    expect(await allowed()).toBe(false);
    expect(asked).toHaveLength(1);
    older.isAlive = false;
    clock.advance(1);
    expect(await allowed()).toBe(false);
    expect(asked).toHaveLength(2);
    expect(levels.has('grownLists')).toBe(true);
  });

  it('is asked for although the clock was set back', async () => {
    const { clock, asked, allowed } = levelsBeside({ isAlive: true });
    await allowed();
    clock.advance(-3_600_000);
    await allowed();
    expect(asked).toHaveLength(2);
  });
});
