import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { anonymise } from '../replay/anonymise.ts';
import { writeOwnFormat } from '../replay/own-format.ts';
import { readRecording } from '../replay/read-recording.ts';
import { shrink } from '../replay/shrink.ts';

/** The recording shows nothing that could be kept while it is made smaller. */
const EXIT_FAILED = 1;

export function shrinkCommand(): Command {
  return new Command('shrink')
    .description(
      'the smallest recording that still breaks an invariant, or is answered otherwise than then',
    )
    .argument('<file>', 'a recording in any format that replay reads')
    .option('--keep <invariant>', 'the break that must remain, such as S6; the worst one otherwise')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action(async (file: string, { keep, output }: { keep?: string; output?: string }) => {
      const shrunk = await shrink(await readRecording(file), keep ?? null);
      if (!shrunk) {
        process.stderr.write(
          `${file}: nothing ${keep ? `of ${keep} ` : ''}is broken or answered otherwise\n`,
        );
        process.exitCode = EXIT_FAILED;
        return;
      }
      const written = writeOwnFormat(shrunk.recording);
      const text = shrunk.recording.isAnonymous ? written : anonymise(written);
      if (output === undefined) process.stdout.write(text);
      else await writeFile(output, text);
      const { fault, from, to, replays } = shrunk;
      process.stderr.write(
        `${fault.name}: ${to} of ${from} entries left after ${replays} replays\n`,
      );
    });
}
