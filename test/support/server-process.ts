import { spawn, type ChildProcess } from 'node:child_process';
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
  #child: ChildProcess | null = null;

  constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}/`;
    this.#env = { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', PORT: `${port}`, ...env };
  }

  /** Resolves when the server says that it may be asked. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'serve'], { env: this.#env });
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
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }
}
