import { expect, test } from 'vitest';
import type { Journal } from '../../src/dialer/ports.ts';
import { all, answered, attached, closed, effect, opened, session, timer } from './entries.ts';

/** What every journal must do; each suite runs it against its own. */
export function journalContract(open: () => Promise<Journal>): void {
  const [ada, ben] = [session('ada'), session('ben')];

  test('every kind of entry is read back as it was appended', async () => {
    const journal = await open();
    const entries = [
      opened(ada),
      attached(ada, 0),
      answered(ada, 1),
      timer(ada, 2),
      effect(ada, '1.0', 'started'),
      effect(ada, '1.0', 'done'),
      effect(ada, '1.1', 'unknown'),
    ];
    for (const entry of entries) journal.append(entry);
    await journal.flush();
    expect(await all(journal.read())).toEqual(entries);
    await journal.close();
  });

  test('sessions that were appended in turn are read one after another, each in its order', async () => {
    const journal = await open();
    const entries = [opened(ada), opened(ben), attached(ben, 0), attached(ada, 0), timer(ben, 1)];
    for (const entry of entries) journal.append(entry);
    await journal.flush();
    const read: unknown[] = [];
    for await (const one of journal.read()) read.push(one);
    expect(read).toEqual([
      [opened(ada), attached(ada, 0)],
      [opened(ben), attached(ben, 0), timer(ben, 1)],
    ]);
    await journal.close();
  });

  test('nothing of a closed session is read, not even an effect that ended after it', async () => {
    const journal = await open();
    for (const entry of [opened(ada), opened(ben), attached(ada, 0)]) journal.append(entry);
    await journal.flush();
    for (const entry of [closed(ada), effect(ada, '0.0', 'done')]) journal.append(entry);
    await journal.flush();
    expect(await all(journal.read())).toEqual([opened(ben)]);
    await journal.close();
  });

  test('a flush with nothing to write resolves', async () => {
    const journal = await open();
    await journal.flush();
    expect(await all(journal.read())).toEqual([]);
    await journal.close();
  });

  test('what is appended while a flush is under way is durable with the next', async () => {
    const journal = await open();
    journal.append(opened(ada));
    const first = journal.flush();
    journal.append(attached(ada, 0));
    const second = journal.flush();
    journal.append(attached(ada, 1));
    await Promise.all([first, second, journal.flush()]);
    expect(await all(journal.read())).toHaveLength(3);
    await journal.close();
  });

  test('thousands of entries in one turn keep their order', async () => {
    const journal = await open();
    journal.append(opened(ada));
    for (let seq = 0; seq < 9000; seq++) journal.append(attached(ada, seq));
    await journal.flush();
    const read = await all(journal.read());
    expect(read.slice(1).map((entry) => 'seq' in entry && entry.seq)).toEqual(
      Array.from({ length: 9000 }, (_, seq) => seq),
    );
    await journal.close();
  });
}
