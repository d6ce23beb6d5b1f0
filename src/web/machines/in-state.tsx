import { Button, Title } from '@mantine/core';
import { TEXTS } from '../texts.ts';
import classes from './machines-page.module.css';
import { isIn, type Figure } from './scene.ts';

/** Who is in the state that was clicked. */
export function InState(props: {
  path: string;
  figures: readonly Figure[];
  canLookInside: boolean;
  onLookInside: () => void;
  onFollow: (figure: Figure) => void;
}) {
  const inside = props.figures.filter(({ state }) => isIn(state, props.path));
  return (
    <section className={classes['panel']} aria-labelledby="in-state">
      <Title order={2} id="in-state" className={classes['panelTitle']}>
        {TEXTS.machines.stateCount(props.path, inside.length)}
      </Title>
      {props.canLookInside && (
        <Button variant="default" size="compact-sm" onClick={props.onLookInside}>
          {TEXTS.machines.lookInside}
        </Button>
      )}
      <ul className={classes['list']}>
        {inside.map((figure) => (
          <li key={figure.callId ?? figure.sessionId}>
            <button
              type="button"
              className={classes['row']}
              disabled={figure.sessionId === ''}
              onClick={() => props.onFollow(figure)}
            >
              <span>{figure.label}</span>
              <span className={classes['dim']}>{figure.state}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
