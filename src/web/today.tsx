import type { View } from '../protocol/messages.ts';
import { formatDuration, midnight } from './format.ts';
import classes from './today.module.css';
import { TEXTS } from './texts.ts';
import { useAnswer } from './use-answer.ts';

/** The day’s figures, counted by the server from midnight here; over all sessions of the day. */
export function Today({ view }: { view: View }) {
  // They change when a call ends or an outcome is set, and at no other time.
  const version = view.recent.map(({ callId, disposition }) => `${callId}${disposition}`).join();
  const figures = useAnswer('agent.figures', { since: midnight() }, version);
  if (figures === null || figures.calls === 0) return null;
  const { calls, talks, talkMs, abandoned, dispositions } = figures;
  const rows: Array<[string, string]> = [
    [TEXTS.today.calls, `${calls}`],
    [TEXTS.today.talks, `${talks}`],
    [TEXTS.today.talkTime, formatDuration(talkMs)],
    [TEXTS.today.abandoned, `${abandoned}`],
    ...Object.entries(dispositions).map(([name, count]): [string, string] => [
      (TEXTS.disposition as Record<string, string>)[name] ?? name,
      `${count}`,
    ]),
  ];
  return (
    <section aria-label={TEXTS.today.title} className={classes['today']}>
      <h2 className={classes['title']}>{TEXTS.today.title}</h2>
      <dl className={classes['figures']}>
        {rows.map(([label, value]) => (
          <div key={label} className={classes['figure']}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
