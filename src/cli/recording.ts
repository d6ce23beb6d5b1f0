import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { anonymise } from '../replay/anonymise.ts';
import { parseRecording, readText } from '../replay/read-recording.ts';

export function recordingCommand(): Command {
  const anonymiseCommand = new Command('anonymise')
    .description('replace numbers, ids, names and codes, the same by the same; times stay')
    .argument('<file>', 'a recording in any format that replay reads')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .exitOverride()
    .action(async (file: string, { output }: { output?: string }) => {
      const safe = anonymise(await readText(file));
      parseRecording(file, safe); // Refuses what is no recording, or not safe after all.
      if (output === undefined) process.stdout.write(safe);
      else await writeFile(output, safe);
    });
  return new Command('recording')
    .description('prepare recordings of webhooks: docs/replay.md')
    .addCommand(anonymiseCommand);
}
