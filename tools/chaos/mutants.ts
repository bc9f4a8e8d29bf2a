import type { Patch } from './sources.ts';

/** A bug, and the change of the source that is one. */
export interface Mutant {
  readonly name: string;
  readonly patch: Patch;
}

const shell = 'apps/workflow/src/engine';
const machine = 'libs/domain/engine/src';
const simulation = 'apps/workflow/test/simulation';

const mutant = (name: string, file: string, change: readonly [find: string, put: string]) => ({
  name,
  patch: { file, find: change[0], put: change[1] },
});

/** What a verification that is worth anything finds: each of these has been a bug of some engine. */
export const mutants: readonly Mutant[] = [
  mutant('effect before commit', `${shell}/engine.ts`, [
    '      await this.write(run, record);\n',
    '      for (const effect of turn.effects) releaseEffect(this.targets, run.facts, effect);\n' +
      '      await this.write(run, record);\n',
  ]),
  mutant('live change before commit', `${shell}/engine.ts`, [
    '      await this.write(run, record);\n',
    '      this.options.onChange(changeOf(record, turn));\n      await this.write(run, record);\n',
  ]),
  mutant('reply before durable', `${shell}/flusher.ts`, [
    'this.waiting.add({ turn, run, durable: resolve, lost: reject });',
    'this.waiting.add({ turn, run, durable: resolve, lost: reject });\n      resolve();',
  ]),
  mutant('epoch check dropped', 'apps/workflow/test/simulation/memory-database.ts', [
    'this.database.partitions[id]?.epoch === epochs.get(id)',
    'epochs.has(id)',
  ]),
  mutant('fenced flush taken for written', `${shell}/flusher.ts`, [
    'if (fenced.length === 0) return this.committed(left, placed);',
    'return this.committed(left, placed);',
  ]),
  mutant('reconcile assumes committed', `${shell}/flusher.ts`, [
    'done: end === seq, resend:',
    'done: true, resend:',
  ]),
  mutant('reconcile assumes lost', `${shell}/flusher.ts`, [
    'done: end === seq, resend: end === this.lastSeq.get(partition)',
    'done: false, resend: true',
  ]),
  mutant('order of turns swapped in a batch', `${shell}/waiting-turns.ts`, [
    '    return batch;\n',
    '    return batch.reverse();\n',
  ]),
  mutant("abandoned turn's dependents kept", `${shell}/flusher.ts`, [
    '    this.reject(({ run }) => this.lostRuns.has(run), reason);\n',
    '',
  ]),
  mutant('run told something while its turn is away', `${shell}/turn-taking.ts`, [
    '    run.away = away;\n',
    '',
  ]),
  mutant('run memory kept after a lost turn', `${shell}/engine.ts`, [
    'this.runs.drop(run); // E3',
    '// E3',
  ]),
  mutant('refusal that rests on a turn that is lost', `${shell}/engine.ts`, [
    '      await run.written; // E7\n',
    '',
  ]),
  mutant('start key not in the flush', `${shell}/record-turn.ts`, [
    '...(startKey === undefined ? {} : { startKey }),',
    '',
  ]),
  mutant('message not in the flush', `${shell}/record-turn.ts`, [
    'messagesSent: messagesSent(facts, run.position + 1, turn),',
    'messagesSent: [],',
  ]),
  mutant('work not in the flush', `${shell}/record-turn.ts`, [
    'workerTasksOpened: workerTasksOpened(facts, turn.state, turn.effects),',
    'workerTasksOpened: [],',
  ]),
  mutant('work stays in its queue when nobody waits for it', `${shell}/record-turn.ts`, [
    'workerTasksClosed: workerTasksClosed(facts.runId, turn.effects),',
    'workerTasksClosed: [],',
  ]),
  mutant('message lost with the process', `${shell}/engine.ts`, [
    'load: (limit) => store.messagesFor(this.partitions.owned, limit),',
    'load: () => Promise.resolve([]),',
  ]),
  mutant('fired timer stays in its table', `${shell}/record-turn.ts`, [
    '[...fired, ...gone]',
    '[...gone]',
  ]),
  mutant('timer lost at takeover', `${shell}/timers.ts`, [
    'for (const timer of timers) this.learn(line, timer);',
    'for (const timer of timers)\n' +
      'if (timer.dueAt > this.clock.now()) this.learn(line, timer);',
  ]),
  mutant('calls lost at recovery', `${shell}/live-runs.ts`, [
    'if (this.leftBusy.delete(runId)) this.options.onRecovered(run); // L2',
    'this.leftBusy.delete(runId);',
  ]),
  mutant('snapshot without pending effects', `${shell}/snapshots.ts`, [
    "liftMembers(frame, ['frames', name])",
    "liftMembers({ ...frame, call: undefined, timer: undefined }, ['frames', name])",
  ]),
  mutant('snapshot of the state before the turn', `${shell}/record-turn.ts`, [
    'snapshotDue(run, turn, {',
    'snapshotDue(run, run, {',
  ]),
  mutant('turn of the snapshot folded once more', `${shell}/live-runs.ts`, [
    'return { ...run, state, position, snapshotLength };',
    'return { ...run, state, position: position - 1, snapshotLength };',
  ]),
  mutant('collection ignoring archives', `${simulation}/memory-archives.ts`, [
    'const isUsed = archives.some((range) => range.hash === hash);',
    'const isUsed = false;',
  ]),
  mutant('turn archived before it is published', `${simulation}/memory-archives.ts`, [
    'return seq <= (this.database.relayCursor[partition] ?? 0);',
    'return seq > 0;',
  ]),
  mutant('place of an archived turn given again', `${simulation}/memory-database.ts`, [
    'return Math.max(last, this.relayCursor[partition] ?? 0);',
    'return last;',
  ]),
  mutant('relay passed over a turn that tells', `${simulation}/memory-archives.ts`, [
    'next === undefined ? turns.at(-1)?.seq : next.seq - 1',
    'turns.at(-1)?.seq',
  ]),
  mutant('last turn left out of its archive', 'apps/workflow/src/journal/archive-format.ts', [
    'const told = turns.map(',
    'const told = (turns.length > 1 ? turns.slice(0, -1) : turns).map(',
  ]),
  mutant('relay takes for published what was not', `${shell}/relay.ts`, [
    'if (isPublished) this.turns.passed(turns);',
    'if (turns.length > 0) this.turns.passed(turns);',
  ]),
  mutant('relay skips a late commit', `${shell}/unpublished-turns.ts`, [
    'const meanwhile = known.meanwhile.filter(({ seq }) => seq > last);',
    'const meanwhile: Held[] = [];',
  ]),
  mutant('timer fired early', `${machine}/machine/receive.ts`, [
    'if (turn.now < dueAt) {',
    'if (turn.now < 0) {',
  ]),
  mutant('stale attempt accepted', `${machine}/machine/receive.ts`, [
    'if (frame.attempt !== stimulus.attempt) {',
    'if (frame.attempt < 0) {',
  ]),
  mutant('recovery sends again what must not be', `${machine}/effects.ts`, [
    "if (frame.call.delivery === 'once' && frame.call.function !== 'human') {",
    "if (frame.call.delivery === 'once' && frame.occurrence === '') {",
  ]),
  mutant('undone in the order in which it was done', `${machine}/machine/undo.ts`, [
    'const last = kept.at(-1);',
    'const last = kept.at(0);',
  ]),
  mutant('cut turn forgotten at recovery', `${machine}/effects.ts`, [
    "if (state.ready.length > 0 && !isSuspended) stimuli.push({ kind: 'continue' });",
    '',
  ]),
  mutant('key changes on re-sending', `${machine}/effects.ts`, [
    "return { ...call, kind: 'call', function: name, occurrence, attempt, node };",
    "return { ...call, key: `${call.key} again`, kind: 'call', function: name, occurrence, attempt, node };",
  ]),
  mutant('fast path that forgets what has ended', `${machine}/changed-appliers.ts`, [
    'for (const occurrence of closed) draft.drop(occurrence);',
    'for (const occurrence of closed.slice(1)) draft.drop(occurrence);',
  ]),
  mutant('overlay for another revision', `${machine}/machine/overlay.ts`, [
    'if (given.base !== ir.hash) {',
    "if (given.base === '') {",
  ]),
  mutant('overlay of what has begun', `${machine}/machine/overlay.ts`, [
    'for (const frame of state.frames.values()) {',
    'for (const frame of state.frames.values().take(1)) {',
  ]),
  mutant('overlay of what a retry begins once more', `${machine}/machine/overlay.ts`, [
    'for (const id of repeatable(before, state)) {',
    'for (const id of [...repeatable(before, state)].slice(0, 0)) {',
  ]),
  mutant('overlay of what is kept to undo', `${machine}/machine/overlay.ts`, [
    'for (const { node } of state.kept ?? []) {',
    'for (const { node } of (state.kept ?? []).slice(0, 0)) {',
  ]),
  mutant('overlay taken, and the run goes on without', `${shell}/engine.ts`, [
    '      run.program = turn.program ?? run.program;\n',
    '',
  ]),
  mutant('row of a run without its overlay', `${shell}/projection.ts`, [
    'irHash: revisionOf(state) ?? facts.irHash,',
    'irHash: facts.irHash,',
  ]),
  mutant('key changes with the attempt', `${machine}/keys.ts`, [
    'const place = [intent.run, logicalOccurrence(intent.occurrence), intent.rejections];',
    'const place = [intent.run, intent.occurrence, intent.rejections];',
  ]),
];
