import { ActionIcon, Tooltip, type ActionIconProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { explain } from './explain.ts';
import { KEYS, useKeys, type KeyName } from './keys.ts';

interface IconActionProps extends Omit<ActionIconProps, 'children'> {
  keyName: KeyName;
  label: string;
  children: ReactNode;
  why?: string | null;
  onAct: () => void;
}

/** An icon with a name, a key and a tooltip that shows both. Without the use it keeps the focus and says why. */
export function IconAction(props: IconActionProps) {
  const { keyName, label, children, why = null, onAct, ...rest } = props;
  const act = () => {
    if (why === null) return onAct();
    explain(label, why);
  };
  useKeys([[KEYS[keyName].hotkeys, act]]);
  return (
    <Tooltip label={`${why ?? label}  (${KEYS[keyName].label})`} withArrow openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        {...rest}
        {...(why === null ? {} : { 'data-disabled': true })}
        aria-disabled={why !== null}
        aria-label={label}
        aria-keyshortcuts={KEYS[keyName].aria}
        onClick={act}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
