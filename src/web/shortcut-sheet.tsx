import { Kbd, Modal, Switch, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { createContext, useContext, type ReactNode } from 'react';
import { KEYS, KeysActive, type KeyName } from './keys.ts';
import { usePreferences } from './preferences.ts';
import { TEXTS } from './texts.ts';

const SheetContext = createContext<{ open: () => void }>({ open: () => {} });
export const useShortcutSheet = () => useContext(SheetContext);

const ORDER: Array<KeyName | 'dispose'> = [
  'callLeads',
  'pause',
  'hangUp',
  'dispose',
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

/** Holds the `?` sheet, and silences the page's keys while the sheet is up or single keys are switched off. */
export function ShortcutSheet({ children }: { children: ReactNode }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const { hasSingleKeys, setSingleKeys } = usePreferences();
  return (
    <SheetContext value={{ open }}>
      <KeysActive value={hasSingleKeys && !isOpen}>{children}</KeysActive>
      <Modal opened={isOpen} onClose={close} title={TEXTS.sheet.title} lockScroll={false}>
        <Switch
          label={TEXTS.sheet.toggle}
          description={TEXTS.sheet.toggleHint}
          checked={hasSingleKeys}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
          mb="md"
        />
        <Table verticalSpacing={4} layout="fixed">
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
                  <Kbd>{name === 'dispose' ? '1 – 6' : KEYS[name].label}</Kbd>
                </Table.Td>
                <Table.Td>{TEXTS.keys[name]}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </SheetContext>
  );
}
