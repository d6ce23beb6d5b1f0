import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The built program: what is killed is what would be killed. */
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const STDERR_KEPT = 20_000;

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface ServerProcessOptions {
  port: number;
  env: Record<string, string>;
  /** Of the program; default: the one that this file is part of. */
  main?: string;
}

/** The server as a process of its own, one life after another. */
export class ServerProcess {
  readonly url: string;
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | null = null;
  #gone: Promise<number | null> = Promise.resolve(null);
  #stderr = '';

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}/`;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when the server says that it may be asked; rejects when it ends before, other than by `kill`. */
  start(): Promise<'ready' | 'killed'> {
    const { port, env, main = MAIN } = this.#options;
    const child = spawn(process.execPath, [main, 'serve'], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', PORT: `${port}`, ...env },
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    this.#gone = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    return new Promise((resolve, reject) => {
      child.stdout.once('data', () => resolve('ready'));
      child.once('close', (code, signal) => {
        if (signal === 'SIGKILL') resolve('killed');
        else reject(new Error(`the server ended with code ${code}:\n${this.#stderr}`));
      });
    });
  }

  /** At once, in this very tick. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  terminate(): void {
    this.#child?.kill('SIGTERM');
  }

  /** Its exit code, when it is gone; null after a kill. */
  get gone(): Promise<number | null> {
    return this.#gone;
  }
}
