import { useLocalStorage } from '@mantine/hooks';

/** What this agent likes on this computer. Nothing about a session is kept here. */
export function usePreferences() {
  const [isSoundOn, setSoundOn] = useLocalStorage({
    key: 'auto-connect.sound',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const [hasSingleKeys, setSingleKeys] = useLocalStorage({
    key: 'auto-connect.single-keys',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  return { isSoundOn, setSoundOn, hasSingleKeys, setSingleKeys };
}
