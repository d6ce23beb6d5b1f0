import { Button, Paper, ScrollArea, Text, Title } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { ActionButton } from './action-button.tsx';
import { useDesk, useDeskState } from './desk-context.ts';
import classes from './handset-panel.module.css';
import { HangUpIcon, PhoneIcon } from './icons.tsx';
import { TEXTS } from './texts.ts';
import type { Handset } from '../protocol/messages.ts';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The agent's own phone where the network is simulated: what she would hear is written. */
export function HandsetPanel() {
  const desk = useDesk();
  const { handset, link, pending } = useDeskState();
  const keypad = useRef<HTMLDivElement>(null);
  const phase = handset?.phase ?? 'idle';
  const isUp = phase !== 'idle';
  const noLink = link.kind === 'open' ? null : TEXTS.unavailable.noConnection;

  const press = (digits: string) => void desk.ask('handset.press', { digits });
  const toggle = () => {
    keypad.current?.focus();
    void desk.command(isUp ? 'handset.hangUp' : 'handset.dial', {});
  };
  const typeDigit = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !DIGITS.includes(event.key)) return;
    // Here a digit is a key of the phone, not an outcome.
    event.stopPropagation();
    if (phase === 'connected' && !event.repeat) press(event.key);
  };

  return (
    <Paper
      component="section"
      withBorder
      className={classes['card']}
      aria-labelledby="handset"
      data-handset
      data-phase={phase}
      onKeyDown={typeDigit}
    >
      <div className={classes['head']}>
        <Title order={2} id="handset" className={classes['title']}>
          {TEXTS.handset.title}
        </Title>
        <Text className={classes['phase']} role="status">
          {TEXTS.handset.phase[phase]}
        </Text>
      </div>
      <ActionButton
        keyName="handset"
        label={isUp ? TEXTS.handset.hangUp : TEXTS.handset.dial}
        icon={isUp ? <HangUpIcon /> : <PhoneIcon />}
        variant={isUp ? 'default' : 'filled'}
        why={noLink}
        isBusy={pending.has('handset.dial') || pending.has('handset.hangUp')}
        onAct={toggle}
        fullWidth
      />
      <Transcript heard={handset?.heard ?? []} />
      <div
        ref={keypad}
        tabIndex={-1}
        role="group"
        aria-label={TEXTS.handset.keypad}
        className={classes['keypad']}
      >
        <div className={classes['keys']}>
          {DIGITS.map((digit) => (
            <Button
              key={digit}
              variant="default"
              aria-label={TEXTS.handset.key(digit)}
              aria-disabled={phase !== 'connected' || noLink !== null}
              {...(phase === 'connected' && noLink === null ? {} : { 'data-disabled': true })}
              onClick={() => {
                if (phase === 'connected') press(digit);
              }}
            >
              {digit}
            </Button>
          ))}
        </div>
        <Text className={classes['hint']}>{TEXTS.handset.hint}</Text>
      </div>
    </Paper>
  );
}

function Transcript({ heard }: { heard: Handset['heard'] }) {
  const viewport = useRef<HTMLDivElement>(null);
  const lastId = heard.at(-1)?.id;
  useEffect(() => {
    viewport.current?.scrollTo({ top: viewport.current.scrollHeight });
  }, [lastId]);
  return (
    <ScrollArea
      className={classes['heard']}
      viewportRef={viewport}
      type="auto"
      viewportProps={{
        role: 'log',
        'aria-label': TEXTS.handset.heard,
        tabIndex: 0,
      }}
    >
      {heard.length === 0 ? (
        <Text className={classes['silence']}>{TEXTS.handset.silence}</Text>
      ) : (
        heard.map(({ id, kind, text }) => (
          <p key={id} className={classes['line']} data-kind={kind}>
            {TEXTS.handset.heardAs[kind]?.(text) ?? text}
          </p>
        ))
      )}
    </ScrollArea>
  );
}
