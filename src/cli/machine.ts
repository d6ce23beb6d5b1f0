import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { catalogued, CHART_NAMES, type ChartName } from '../charts/catalogue.ts';
import { documents } from '../charts/documents.ts';
import { drawSheet } from '../charts/drawing.ts';
import { toMermaid } from '../charts/mermaid.ts';
import { sheetsOf } from '../charts/sheets.ts';

interface ExportOptions {
  json?: true;
  mermaid?: true;
  svg?: true;
  sheet?: string;
}

/** `machine export NAME`, `machine docs FOLDER`. */
export function machineCommand(): Command {
  const machine = new Command('machine').description('the charts: export them, write their pages');
  machine
    .command('export')
    .description('print a chart; without a format, its JSON definition for pasting')
    .addArgument(new Argument('<name>', 'which chart').choices(CHART_NAMES))
    .addOption(
      new Option('--json', 'the definition, as createMachine takes it').conflicts([
        'mermaid',
        'svg',
      ]),
    )
    .addOption(new Option('--mermaid', 'a Mermaid stateDiagram-v2').conflicts('svg'))
    .option('--svg', 'the drawing')
    .option('--sheet <scope>', 'which sheet of the drawing', 'overview')
    .action(async (name: ChartName, options: ExportOptions, command: Command) => {
      process.stdout.write(`${await exported(name, options, command)}\n`);
    });
  machine
    .command('docs')
    .description('write the pages and drawings of every chart')
    .argument('<folder>', 'where to')
    .action(async (folder: string) => {
      await mkdir(folder, { recursive: true });
      for (const [file, text] of await documents()) await writeFile(join(folder, file), text);
    });
  return machine;
}

async function exported(
  name: ChartName,
  options: ExportOptions,
  command: Command,
): Promise<string> {
  const { chart, machine } = catalogued(name);
  if (options.mermaid) return toMermaid(chart);
  if (!options.svg) return JSON.stringify(machine.config, null, 2);
  const sheets = sheetsOf(chart);
  const sheet = sheets.find(({ scope }) => scope === options.sheet);
  if (!sheet) {
    return command.error(`error: --sheet is one of ${sheets.map(({ scope }) => scope).join(', ')}`);
  }
  return drawSheet(chart, sheet);
}
