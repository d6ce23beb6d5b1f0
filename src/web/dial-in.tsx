import { Button, CopyButton, Paper, Text, Title } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import classes from './dial-in.module.css';
import { formatCode, formatPhone } from './format.ts';
import { STAGE_HEADING } from './stage-focus.ts';
import { TEXTS } from './texts.ts';

/** The number to phone and the code to key. Shown again whenever the phone is gone. */
export function DialIn({ dialIn, isFirst }: { dialIn: View['dialIn']; isFirst: boolean }) {
  const { number, accessCode } = dialIn;
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
      </div>
      <Text className={classes['waiting']}>
        <span className={classes['pulse']} aria-hidden="true" />
        {TEXTS.dialIn.waiting}
      </Text>
      <Text className={classes['hint']}>{TEXTS.dialIn.stayOn}</Text>
    </Paper>
  );
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
