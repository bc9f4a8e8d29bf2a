import { describeJournal } from '../journal-contract.js';
import { describeArchives } from '../archive-contract.js';
import { MemoryArchiveStore } from './memory-archives.js';
import { MemoryDatabase } from './memory-database.js';

describeJournal('in memory', {
  open: async () => {
    const database = new MemoryDatabase();
    let processes = 0;
    return {
      store: () => database.store(`process ${String((processes += 1))}`),
      workOf: async (runId) =>
        [...database.workerTasks.values()]
          .filter((task) => task.runId === runId)
          .map(({ row }) => row.id)
          .sort(),
      close: async () => undefined,
    };
  },
});

describeArchives('in memory', {
  open: async () => {
    const database = new MemoryDatabase();
    const archives = new MemoryArchiveStore(database);
    return {
      archives,
      store: () => database.store('process'),
      collect: async () => {
        archives.collect(-1);
        return database.objects.size;
      },
      close: async () => undefined,
    };
  },
});
