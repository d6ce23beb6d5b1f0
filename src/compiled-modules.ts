import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

type ModuleFunction = (
  this: unknown,
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

interface LoadedModule {
  text: Buffer;
  script: Script;
  exports: unknown;
}

const CHECKSUM_BYTES = 4;

/**
 * Runs the built files of a folder from what V8 has compiled of them before: reading and compiling was most of a start.
 * It lies beside each file as FILE.compiled. V8 itself refuses what another version has made, or other flags; that it
 * belongs to this text, and is whole, is checked here. What is missing or refused is compiled as ever.
 * None of the files may import() while it runs: for that Node has an experimental way only, which warns.
 */
export class CompiledModules {
  readonly #folder: string;
  readonly #requireOther: NodeJS.Require;
  readonly #loaded = new Map<string, LoadedModule>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#requireOther = createRequire(join(folder, 'main.js'));
  }

  /** Loads `./FILE` of the folder, and anything else as Node would. */
  readonly require = (id: string): unknown => {
    if (!id.startsWith('./')) return this.#requireOther(id);
    const name = id.slice(2);
    return (this.#loaded.get(name) ?? this.#load(name)).exports;
  };

  /** Names of loaded files whose compiled form was missing or refused. */
  get compiledAnew(): string[] {
    return [...this.#loaded].flatMap(([name, { script }]) =>
      script.cachedDataRejected === false ? [] : name,
    );
  }

  /** Keeps what is compiled by now of the files that were loaded; functions that never ran are not. */
  keep(): void {
    for (const [name, { text, script }] of this.#loaded) {
      const compiled = script.createCachedData();
      const checksum = Buffer.alloc(CHECKSUM_BYTES);
      checksum.writeUInt32LE(crc32(compiled, crc32(text)));
      writeFileSync(this.#keptAt(name), Buffer.concat([compiled, checksum]));
    }
  }

  #load(name: string): LoadedModule {
    const filename = join(this.#folder, name);
    const text = readFileSync(filename);
    const cachedData = this.#kept(name, text);
    // The build writes ASCII. The wrapper is that of Node's own CommonJS.
    const script = new Script(
      `(function (exports, require, module, __filename, __dirname) {${text.toString('latin1')}\n})`,
      {
        filename,
        ...(cachedData && { cachedData }),
      },
    );
    const run = script.runInThisContext() as ModuleFunction;
    const module = { exports: {} };
    const loaded = { text, script, exports: module.exports };
    this.#loaded.set(name, loaded); // Before it runs: files may need each other.
    run.call(module.exports, module.exports, this.require, module, filename, this.#folder);
    loaded.exports = module.exports;
    return loaded;
  }

  #kept(name: string, text: Buffer): Buffer | null {
    if (!existsSync(this.#keptAt(name))) return null;
    const kept = readFileSync(this.#keptAt(name));
    const compiled = kept.subarray(0, -CHECKSUM_BYTES);
    const isWhole = kept.length > CHECKSUM_BYTES;
    const belongs = isWhole && crc32(compiled, crc32(text)) === kept.readUInt32LE(compiled.length);
    return belongs ? compiled : null;
  }

  #keptAt(name: string): string {
    return join(this.#folder, `${name}.compiled`);
  }
}
