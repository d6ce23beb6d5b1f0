import { Button, Group, Kbd, Switch, Table, Text } from '@mantine/core';
import { createContext, useContext, useState, type ReactNode } from 'react';
import { useDesk, useDeskState } from './desk-context.ts';
import { KEYS, KeysActive, type KeyName } from './keys.ts';
import { usePreferences } from './preferences.ts';
import { Sheet } from './sheet.tsx';
import { TEXTS } from './texts.ts';

type SheetName = 'shortcuts' | 'signOut';

const ShowSheet = createContext<(name: SheetName) => void>(() => {});
export const useShowSheet = () => useContext(ShowSheet);

/** The dialogs over the page. While one is up, or single keys are switched off, the page’s keys are silent. */
export function Sheets({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<SheetName | null>(null);
  const { hasSingleKeys } = usePreferences();
  const { view } = useDeskState();
  const close = () => setShown(null);
  return (
    <ShowSheet value={setShown}>
      <KeysActive value={hasSingleKeys && shown === null}>{children}</KeysActive>
      <Sheet isOpen={shown === 'shortcuts'} onClose={close} title={TEXTS.sheet.title}>
        <Shortcuts />
      </Sheet>
      <Sheet
        isOpen={shown === 'signOut' && view !== null}
        onClose={close}
        title={TEXTS.signOutSheet.title}
        size="sm"
      >
        <SignOutQuestion onClose={close} />
      </Sheet>
    </ShowSheet>
  );
}

const ORDER: Array<KeyName | 'dispose'> = [
  'callLeads',
  'pause',
  'hangUp',
  'dispose',
  'callOn',
  'notes',
  'fewerLines',
  'moreLines',
  'handset',
  'recent',
  'leads',
  'sound',
  'scheme',
  'sheet',
  'signOut',
  'use',
];

function Shortcuts() {
  const { hasSingleKeys, setSingleKeys } = usePreferences();
  return (
    <>
      <Table verticalSpacing={5} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="5rem">{TEXTS.sheet.key}</Table.Th>
            <Table.Th>{TEXTS.sheet.action}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {ORDER.map((name) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Kbd>{name === 'dispose' ? TEXTS.sheet.outcomes : KEYS[name].label}</Kbd>
              </Table.Td>
              <Table.Td>{TEXTS.keys[name]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        label={TEXTS.sheet.toggle}
        description={TEXTS.sheet.toggleHint}
        checked={hasSingleKeys}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        mt="md"
      />
    </>
  );
}

function SignOutQuestion({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const signOut = () => {
    onClose();
    void desk.signOut();
  };
  return (
    <>
      <Text>{TEXTS.signOutSheet.text}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          {TEXTS.signOutSheet.cancel}
        </Button>
        <Button color="red" onClick={signOut}>
          {TEXTS.signOutSheet.confirm}
        </Button>
      </Group>
    </>
  );
}
