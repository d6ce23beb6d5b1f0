import { Button, CopyButton, Paper, Text, Title } from '@mantine/core';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { View } from '../protocol/messages.ts';
import classes from './dial-in.module.css';
import { formatCode, formatPhone } from './format.ts';
import { useServerClock } from './server-clock.ts';
import { STAGE_HEADING } from './stage-focus.ts';
import { TEXTS } from './texts.ts';

const PhoneCode = lazy(async () => ({ default: (await import('./phone-code.tsx')).PhoneCode }));

/** A caller who says nothing to the prompt is gone by then, and nobody tells us. */
const GATE_SHOWN_MS = 40_000;

interface DialInProps {
  dialIn: View['dialIn'];
  isFirst: boolean;
  /** Whether her phone was connected before. */
  isAgain: boolean;
}

/** The number to phone and the code to key. Shown again whenever the phone is gone. */
export function DialIn({ dialIn, isFirst, isAgain }: DialInProps) {
  const { number, accessCode } = dialIn;
  const stage = useGateStage(dialIn);
  return (
    <Paper component="section" withBorder className={classes['card']} aria-labelledby="dial-in">
      <Title
        order={2}
        id="dial-in"
        className={classes['title']}
        {...(isFirst ? STAGE_HEADING : {})}
      >
        {TEXTS.dialIn.title}
      </Title>
      {isAgain && <Text className={classes['again']}>{TEXTS.dialIn.again}</Text>}
      <div className={classes['steps']}>
        <div className={classes['step']}>
          <Text className={classes['label']}>{TEXTS.dialIn.phone}</Text>
          <a className={classes['number']} href={`tel:${number}`}>
            {formatPhone(number)}
          </a>
          <Copy value={number} label={TEXTS.dialIn.copyNumber} />
        </div>
        {accessCode !== null && (
          <div className={classes['step']}>
            <Text className={classes['label']}>{TEXTS.dialIn.key}</Text>
            <output className={classes['code']} aria-label={accessCode.split('').join(' ')}>
              {formatCode(accessCode)}
            </output>
            <Copy value={accessCode} label={TEXTS.dialIn.copyCode} />
          </div>
        )}
        <div className={classes['qr']}>
          <Suspense fallback={null}>
            <PhoneCode number={number} />
          </Suspense>
          <Text className={classes['label']}>{TEXTS.dialIn.scan}</Text>
        </div>
      </div>
      <Text className={classes['waiting']} role="status" data-gate={stage}>
        <span className={classes['pulse']} aria-hidden="true" />
        {TEXTS.dialIn.stage[stage]}
      </Text>
      <Text className={classes['hint']}>{TEXTS.dialIn.stayOn}</Text>
    </Paper>
  );
}

/** Where the phone stands that was heard of last; back to waiting when it must be gone. */
function useGateStage({ gate }: View['dialIn']): keyof typeof TEXTS.dialIn.stage {
  const { offsetMs } = useServerClock();
  const leftMs = gate === null ? 0 : gate.at + GATE_SHOWN_MS - (performance.now() + offsetMs);
  const [forgotten, setForgotten] = useState<number | null>(null);
  const at = gate?.at ?? null;
  useEffect(() => {
    if (at === null || leftMs <= 0) return;
    const timer = setTimeout(() => setForgotten(at), leftMs);
    return () => clearTimeout(timer);
  }, [at, leftMs]);
  return gate === null || leftMs <= 0 || forgotten === gate.at ? 'waiting' : gate.stage;
}

function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={copy}>
          {copied ? TEXTS.dialIn.copied : label}
        </Button>
      )}
    </CopyButton>
  );
}
