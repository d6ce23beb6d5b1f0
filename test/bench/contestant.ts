import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startProfile, stopProfile } from './profiler.ts';

interface Question {
  id: number;
  name: string;
  argument: unknown;
}
type Message = { ready: unknown } | { id: number; result: unknown } | { id: number; error: string };
type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

export interface SpawnOptions {
  env?: Record<string, string>;
  /** Flags of node that what is measured needs. */
  flags?: string[];
  /** Whether it shares no core with the driver; not where it needs more than one. Default: yes. */
  pinned?: boolean;
}

/** What `npm start` gives node for the server; every contestant gets the same, and the loader of TypeScript. */
export const NODE_FLAGS: readonly string[] = [];
const CORE_OF_CONTESTANTS = 0;
const CORE_OF_DRIVER = 1;

/** A process that is measured; the one that asks it is the driver. */
export class Contestant<Ready> {
  readonly ready: Ready;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, (message: Message) => void>();
  #ids = 0;

  private constructor(child: ChildProcess, ready: Ready) {
    this.#child = child;
    this.ready = ready;
    child.on('message', (message: Message) => {
      if ('id' in message) this.#asked.get(message.id)?.(message);
    });
    child.once('exit', () => {
      for (const [id, settle] of this.#asked) settle({ id, error: 'it ended while it was asked' });
    });
  }

  /** `file` in test/bench/contestants; resolves with what it says when it may be asked. */
  static async spawn<Ready>(
    file: string,
    argument: unknown = null,
    { env = {}, flags = [], pinned = true }: SpawnOptions = {},
  ): Promise<Contestant<Ready>> {
    const path = fileURLToPath(new URL(`contestants/${file}`, import.meta.url));
    const child = fork(path, [JSON.stringify(argument)], {
      execArgv: ['--import', 'tsx', ...NODE_FLAGS, ...flags],
      env: { ...process.env, ...env },
      serialization: 'advanced',
    });
    if (pinned) pin(child.pid, CORE_OF_CONTESTANTS);
    else onAllCores(child.pid);
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message: Message) => {
        if ('ready' in message) resolve(message.ready as Ready);
      });
      child.once('exit', (code) => reject(new Error(`contestant ${file} ended with ${code}`)));
    });
    return new Contestant(child, ready);
  }

  ask<Result>(name: string, argument: unknown = null): Promise<Result> {
    const id = ++this.#ids;
    const question: Question = { id, name, argument };
    return new Promise((resolve, reject) => {
      this.#asked.set(id, (message) => {
        this.#asked.delete(id);
        if ('error' in message) reject(new Error(message.error));
        else if ('result' in message) resolve(message.result as Result);
      });
      this.#child.send(question);
    });
  }

  /** User and system time of all its threads so far, in microseconds. */
  cpuUs(): Promise<number> {
    return this.ask('cpuUs');
  }

  async end(signal?: 'SIGKILL'): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (signal) this.#child.kill(signal);
    else this.#child.disconnect();
    await gone;
  }
}

/** The contestant's side: what it was started with, and its answers. */
export const givenArgument = (): unknown => JSON.parse(process.argv[2] ?? 'null');

export function contest(ready: unknown, handlers: Handlers = {}): void {
  const all: Handlers = { ...handlers, cpuUs, startProfile, stopProfile };
  process.on('message', ({ id, name, argument }: Question) => {
    void (async () => {
      try {
        const handler = all[name];
        if (!handler) throw new Error(`nobody answers ${name}`);
        say({ id, result: (await handler(argument as never)) ?? null });
      } catch (error) {
        say({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  process.once('disconnect', () => process.exit(0));
  say({ ready });
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const say = (message: Message): void => void process.send?.(message);

/** The driver keeps off the contestants' core. */
export const pinDriver = (): void => pin(process.pid, CORE_OF_DRIVER);

/** A child has its parent's cores: without this, that of the driver alone. */
export const onAllCores = (pid: number | undefined): void => pin(pid, `0-${cpus().length - 1}`);

/** Where the system has no taskset, or one core only, everybody shares. */
function pin(pid: number | undefined, cores: number | string): void {
  if (pid === undefined || cpus().length < 2) return;
  spawnSync('taskset', ['-a', '-cp', `${cores}`, `${pid}`], { stdio: 'ignore' });
}
