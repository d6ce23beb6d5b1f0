import { Alert, Button, Paper, PasswordInput, Text, TextInput, Title } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { ERROR_CODES } from '../protocol/messages.ts';
import type { Link, Refusal } from './connection.ts';
import { useDesk } from './desk-context.ts';
import classes from './full-page.module.css';
import { TEXTS } from './texts.ts';

type Reason = Extract<Link, { kind: 'signedOut' }>['reason'];

export function SignIn({ reason }: { reason: Reason }) {
  const desk = useDesk();
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const nameInput = useRef<HTMLInputElement>(null);
  const passphraseInput = useRef<HTMLInputElement>(null);
  useEffect(() => nameInput.current?.focus(), []);
  useEffect(() => {
    if (passphrase === '') passphraseInput.current?.focus();
  }, [passphrase]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    if (name.trim() === '') {
      setTrouble(TEXTS.signIn.nameMissing);
      nameInput.current?.focus();
      return;
    }
    setBusy(true);
    setTrouble(null);
    const answer = await desk.signIn(name.trim(), passphrase === null ? null : passphrase);
    // After success this form is gone.
    if (answer.ok) return;
    setBusy(false);
    setTrouble(troubleText(answer.refusal, passphrase !== null));
    if (answer.refusal.code === ERROR_CODES.wrongPassphrase) setPassphrase('');
  };

  return (
    <main className={classes['page']}>
      <Paper className={classes['card']} withBorder>
        <Text className={classes['product']}>{TEXTS.product}</Text>
        <Title order={1} className={classes['title']}>
          {TEXTS.signIn.title}
        </Title>
        <form onSubmit={(event) => void submit(event)} className={classes['form']} noValidate>
          {reason !== 'fresh' && trouble === null && (
            <Alert color="gray" role="status">
              {TEXTS.signIn[reason]}
            </Alert>
          )}
          {trouble !== null && (
            <Alert color="orange" role="alert">
              {trouble}
            </Alert>
          )}
          <TextInput
            ref={nameInput}
            label={TEXTS.signIn.name}
            placeholder={TEXTS.signIn.namePlaceholder}
            autoComplete="username"
            maxLength={60}
            size="md"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {passphrase !== null && (
            <PasswordInput
              ref={passphraseInput}
              label={TEXTS.signIn.passphrase}
              autoComplete="current-password"
              maxLength={200}
              size="md"
              value={passphrase}
              onChange={(event) => setPassphrase(event.currentTarget.value)}
            />
          )}
          <Button type="submit" size="md" loading={isBusy} fullWidth>
            {TEXTS.signIn.submit}
          </Button>
        </form>
        <Text className={classes['hint']}>{TEXTS.signIn.how}</Text>
      </Paper>
    </main>
  );
}

function troubleText(refusal: Refusal, hadPassphrase: boolean): string {
  if (refusal.kind === 'lost') return TEXTS.signIn.unreachable;
  if (refusal.code !== ERROR_CODES.wrongPassphrase) return TEXTS.signIn.refused(refusal.message);
  return hadPassphrase ? TEXTS.signIn.passphraseWrong : TEXTS.signIn.passphraseWanted;
}
