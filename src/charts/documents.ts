import { catalogued, CHART_NAMES } from './catalogue.ts';
import { drawSheet } from './drawing.ts';
import { toPage } from './page.ts';
import { sheetFile, sheetsOf } from './sheets.ts';

/** Everything that is written about the charts, by file name; a test fails while a file differs. */
export async function documents(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of CHART_NAMES) {
    const entry = catalogued(name);
    files.set(`${name}.md`, toPage(entry));
    for (const sheet of sheetsOf(entry.chart)) {
      files.set(sheetFile(name, sheet.scope), await drawSheet(entry.chart, sheet));
    }
  }
  return files;
}
