import { Loader, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './full-page.module.css';
import { TEXTS } from './texts.ts';

/** One thing to say and one thing to do, on a page of its own. */
export function FullPage(props: { title: string; text: string; children: ReactNode }) {
  return (
    <main className={classes['page']}>
      <Paper className={classes['card']} withBorder>
        <Text className={classes['product']}>{TEXTS.product}</Text>
        <Title order={1} className={classes['title']}>
          {props.title}
        </Title>
        <Text className={classes['text']} role="status">
          {props.text}
        </Text>
        {props.children}
      </Paper>
    </main>
  );
}

export function FullPageWait({ text }: { text: string }) {
  return (
    <main className={classes['page']}>
      <div className={classes['wait']} role="status">
        <Loader size="sm" />
        <Text>{text}</Text>
      </div>
    </main>
  );
}
