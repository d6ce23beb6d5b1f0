import { Button, Kbd, Loader, Tooltip, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './action-button.module.css';
import { explain } from './explain.ts';
import { KEYS, useKeys, type KeyName } from './keys.ts';

interface ActionButtonProps extends Omit<ButtonProps, 'children' | 'leftSection' | 'rightSection'> {
  keyName: KeyName;
  label: string;
  icon?: ReactNode;
  /** Why it cannot be done now; null if it can. */
  why: string | null;
  isBusy?: boolean;
  onAct: () => void;
}

/**
 * A button with its key. Where it cannot be used it keeps the focus (a disabled element would lose it) and says why.
 */
export function ActionButton(props: ActionButtonProps) {
  const { keyName, label, icon, why, isBusy = false, onAct, className, ...rest } = props;
  const act = () => {
    if (isBusy) return;
    if (why === null) return onAct();
    explain(label, why);
  };
  useKeys([[KEYS[keyName].hotkeys, act]]);
  return (
    <Tooltip
      label={why}
      disabled={why === null}
      events={{ hover: true, focus: true, touch: false }}
      openDelay={300}
      withArrow
    >
      <Button
        {...rest}
        className={[classes['button'], className].filter(Boolean).join(' ')}
        {...(why === null ? {} : { 'data-disabled': true })}
        aria-disabled={why !== null || isBusy}
        aria-busy={isBusy}
        aria-keyshortcuts={KEYS[keyName].aria}
        leftSection={isBusy ? <Loader size={16} color="currentColor" /> : icon}
        rightSection={
          <Kbd className={classes['key']} aria-hidden="true">
            {KEYS[keyName].label}
          </Kbd>
        }
        onClick={act}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
