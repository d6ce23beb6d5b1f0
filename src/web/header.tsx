import { Badge, Group, Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import { useDesk, useDeskState } from './desk-context.ts';
import classes from './header.module.css';
import { IconAction } from './icon-action.tsx';
import { MachinesLink } from './machines-link.tsx';
import { KeyboardIcon, LeaveIcon, MoonIcon, SoundOffIcon, SoundOnIcon, SunIcon } from './icons.tsx';
import { usePreferences } from './preferences.ts';
import { useShowSheet } from './sheets.tsx';
import { useSoundAwake } from './sound.ts';
import { TEXTS } from './texts.ts';

export function Header({ view }: { view: View }) {
  const { link, simulated } = useDeskState();
  const isOpen = link.kind === 'open';
  return (
    <header className={classes['header']}>
      <div className={classes['who']}>
        <span className={classes['product']}>
          <img src="./icon.svg" width="22" height="22" alt="" />
          <span>{TEXTS.product}</span>
        </span>
        <Text span className={classes['agent']}>
          {view.agentName}
        </Text>
        <span className={classes['link']} data-open={isOpen}>
          <span className={classes['dot']} aria-hidden="true" />
          <span className={classes['linkText']}>{isOpen ? TEXTS.link.open : TEXTS.link.lost}</span>
        </span>
        {simulated && (
          <Badge variant="outline" color="gray" className={classes['badge']}>
            {TEXTS.header.simulated}
          </Badge>
        )}
      </div>
      <Group gap={4} wrap="nowrap">
        <MachinesLink />
        <SoundSwitch />
        <SchemeSwitch />
        <SheetSwitch />
        <SignOut view={view} />
      </Group>
    </header>
  );
}

function SoundSwitch() {
  const { isSoundOn, setSoundOn } = usePreferences();
  const isAwake = useSoundAwake();
  const onText = isAwake ? TEXTS.header.soundOn : TEXTS.header.soundAsleep;
  return (
    <IconAction
      keyName="sound"
      label={isSoundOn ? onText : TEXTS.header.soundOff}
      onAct={() => setSoundOn(!isSoundOn)}
    >
      {isSoundOn ? <SoundOnIcon /> : <SoundOffIcon />}
    </IconAction>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <IconAction
      keyName="scheme"
      label={isDark ? TEXTS.header.toLight : TEXTS.header.toDark}
      onAct={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <SunIcon /> : <MoonIcon />}
    </IconAction>
  );
}

function SheetSwitch() {
  const showSheet = useShowSheet();
  return (
    <IconAction
      keyName="sheet"
      label={TEXTS.header.shortcuts}
      onAct={() => showSheet({ name: 'shortcuts' })}
    >
      <KeyboardIcon />
    </IconAction>
  );
}

/** Asks only when somebody would be cut off. */
function SignOut({ view }: { view: View }) {
  const desk = useDesk();
  const { link } = useDeskState();
  const showSheet = useShowSheet();
  const isInUse = view.phoneConnected || view.calls.length > 0;
  return (
    <IconAction
      keyName="signOut"
      label={TEXTS.header.signOut}
      why={link.kind === 'open' ? null : TEXTS.unavailable.noConnection}
      onAct={() => (isInUse ? showSheet({ name: 'signOut' }) : void desk.signOut())}
    >
      <LeaveIcon />
    </IconAction>
  );
}
