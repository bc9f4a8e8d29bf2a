import { describeJournal } from '../journal-contract.js';
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
