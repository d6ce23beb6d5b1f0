import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The built server as a process of its own: what is killed is what would be killed. */
export class ServerProcess {
  readonly url: string;
  stderr = '';
  readonly #env: Record<string, string>;
  readonly #flags: readonly string[];
  #child: ChildProcess | null = null;

  /** `flags`: for node. */
  constructor(port: number, env: Record<string, string>, flags: readonly string[] = []) {
    this.#flags = flags;
    this.url = `http://127.0.0.1:${port}/`;
    this.#env = { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', PORT: `${port}`, ...env };
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  /** The files of this process may not be written, as on a full disk; or may again. Linux alone can do that to a running process. */
  fillDisk(isFull: boolean): void {
    const limit = isFull ? '1' : 'unlimited';
    const { status, stderr } = spawnSync('prlimit', [`--pid=${this.pid}`, `--fsize=${limit}:`]);
    if (status !== 0) throw new Error(`prlimit: ${String(stderr)}`);
  }

  /** Resolves with the exit code when the process ends by itself. */
  async gone(): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  /** Resolves when the server says that it may be asked. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...this.#flags, MAIN, 'serve'], { env: this.#env });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`exit ${code}: ${this.stderr}`)));
    });
  }

  /** Ends it as `signal` would, and resolves with its exit code when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    child.kill(signal);
    return this.gone();
  }
}
