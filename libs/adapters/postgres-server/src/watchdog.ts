// Leaves nothing running when this process dies, by whatever means.
//
// W1 A child is known to the watchdog before it becomes the program it is started for: it writes
//    its own id into the watchdog's pipe. While it holds the pipe, the watchdog sees no end of file.
// W2 The watchdog is a session of its own: no signal to the terminal or to our group reaches it.
// W3 A killed watchdog is replaced and told of every living child. A child that was just being
//    started through the old pipe cannot write into it and ends; its owner starts it again.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

export interface WatchdogOptions {
  /** PostgreSQL data folder: its servers' own children are in groups of their own. */
  readonly dataDir?: string;
  /** Folder to remove at the end, for temporary installations. */
  readonly removeDir?: string;
}

export interface GuardedSpawn {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: readonly [StdioEntry, StdioEntry, StdioEntry];
  readonly uid?: number;
  readonly gid?: number;
}

type StdioEntry = 'ignore' | 'pipe' | number;

const script = `
list=' '
while read -r op pid; do
  case $op in
    +) list="$list$pid " ;;
    -) case $list in *" $pid "*) list="\${list%%" $pid "*} \${list#*" $pid "}" ;; esac ;;
    quit) exit 0 ;;
  esac
done
exec 2>/dev/null
for pid in $list; do kill -9 "-$pid"; done
if [ -n "$1" ]; then
  for round in 1 2 3 4 5; do
    found=''
    for process in /proc/[0-9]*; do
      [ "$process/cwd" -ef "$1" ] || continue
      read -r name < "$process/comm"
      case $name in postgres*) kill -9 "\${process#/proc/}"; found=1 ;; esac
    done
    [ -z "$found" ] && break
    sleep 0.2
  done
fi
[ -n "$2" ] && rm -rf "$2"
exit 0
`;

const announce = 'echo "+ $$" >&3 && exec "$@" 3>&-';

/** Kills every process started through it when the process that made it ends. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #children = new Set<number>();
  #process: ChildProcess & { readonly stdin: Writable };
  #closed = false;

  constructor(options: WatchdogOptions = {}) {
    this.#options = options;
    this.#process = this.#start();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Spawns a guarded child in a process group of its own; its `stdio` must have three entries. */
  spawn(command: string, args: readonly string[], options: GuardedSpawn): ChildProcess {
    const child = spawn('/bin/sh', ['-c', announce, 'parley-start', command, ...args], {
      ...options,
      stdio: [...options.stdio, this.#process.stdin], // W1
      detached: true,
    });
    const { pid } = child;
    if (pid === undefined) return child; // The child reports its error itself.
    this.#children.add(pid);
    child.once('exit', () => {
      this.#children.delete(pid);
      this.#process.stdin.write(`- ${pid}\n`);
    });
    return child;
  }

  /** Ends the watchdog, which then kills nothing: every child has been stopped. */
  close(): void {
    this.#closed = true;
    this.#process.stdin.end('quit\n');
  }

  #start(): ChildProcess & { readonly stdin: Writable } {
    const { dataDir = '', removeDir = '' } = this.#options;
    const child = spawn('/bin/sh', ['-c', script, 'parley-watchdog', dataDir, removeDir], {
      cwd: '/',
      detached: true, // W2
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH ?? '' },
    });
    child.stdin.on('error', () => undefined); // Its exit is what tells, below.
    // It must not keep this process alive: its work begins when this process ends.
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    for (const pid of this.#children) child.stdin.write(`+ ${pid}\n`);
    child.once('exit', () => {
      if (!this.#closed) this.#process = this.#start(); // W3
    });
    return child;
  }
}
