import { Button, Group, Kbd, Switch, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  createContext,
  lazy,
  Suspense,
  useCallback,
  useContext,
  useState,
  type ReactNode,
} from 'react';
import type { View } from '../protocol/messages.ts';
import { useDesk, useDeskState } from './desk-context.ts';
import { useFileDrop } from './file-drop.ts';
import { KEYS, KeysActive, type KeyName } from './keys.ts';
import { usePreferences } from './preferences.ts';
import { usePlace } from './route.ts';
import { Sheet } from './sheet.tsx';
import classes from './sheet.module.css';
import { TEXTS } from './texts.ts';

type Shown =
  | { name: 'shortcuts' | 'signOut' | 'clearLeads' }
  | { name: 'import'; file: File | null }
  | { name: 'correct'; call: View['recent'][number] };

/** Loaded when they are first wanted. */
const ImportSheet = lazy(async () => ({
  default: (await import('./import-sheet.tsx')).ImportSheet,
}));

const CorrectSheet = lazy(async () => ({
  default: (await import('./correct-sheet.tsx')).CorrectSheet,
}));

const ShowSheet = createContext<(shown: Shown) => void>(() => {});
export const useShowSheet = () => useContext(ShowSheet);

/** The dialogs over the page. While one is up, or single keys are switched off, the page’s keys are silent. */
export function Sheets({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const { hasSingleKeys } = usePreferences();
  const { view } = useDeskState();
  const close = () => setShown(null);
  // The page of the charts has another use for a file.
  const takesFiles = usePlace() === 'desk' && view !== null;
  const dropped = useCallback(
    (file: File) => {
      // What is dropped is looked at before anything is added.
      if (takesFiles) setShown({ name: 'import', file });
    },
    [takesFiles],
  );
  const isFileOver = useFileDrop(dropped) && takesFiles;
  return (
    <ShowSheet value={setShown}>
      <KeysActive value={hasSingleKeys && shown === null}>{children}</KeysActive>
      <Sheet isOpen={shown?.name === 'shortcuts'} onClose={close} title={TEXTS.sheet.title}>
        <Shortcuts />
      </Sheet>
      <Sheet
        isOpen={shown?.name === 'signOut' && view !== null}
        onClose={close}
        title={TEXTS.signOutSheet.title}
        size="sm"
      >
        <SignOutQuestion onClose={close} />
      </Sheet>
      <Sheet
        isOpen={shown?.name === 'clearLeads' && view !== null}
        onClose={close}
        title={TEXTS.clearSheet.title}
        size="sm"
      >
        <ClearQuestion onClose={close} />
      </Sheet>
      <Sheet
        isOpen={shown?.name === 'import' && view !== null}
        onClose={close}
        title={TEXTS.importSheet.title}
        size="lg"
      >
        <Suspense fallback={null}>
          {shown?.name === 'import' && (
            <ImportSheet key={nameOf(shown.file)} dropped={shown.file} onClose={close} />
          )}
        </Suspense>
      </Sheet>
      <Sheet
        isOpen={shown?.name === 'correct' && view !== null}
        onClose={close}
        title={shown?.name === 'correct' ? TEXTS.correctSheet.title(shown.call.lead.name) : ''}
      >
        <Suspense fallback={null}>
          {shown?.name === 'correct' && <CorrectSheet call={shown.call} onClose={close} />}
        </Suspense>
      </Sheet>
      {isFileOver && <div className={classes['drop']}>{TEXTS.leads.drop}</div>}
    </ShowSheet>
  );
}

/** One file, or none: another one is looked at from the beginning. */
const nameOf = (file: File | null): string =>
  file === null ? '' : `${file.name} ${file.lastModified} ${file.size}`;

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
  'import',
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

function ClearQuestion({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const clear = async () => {
    onClose();
    const answer = await desk.ask('leads.clear', {});
    if (answer.ok)
      notifications.show({ message: TEXTS.clearSheet.done(answer.result.removed), color: 'green' });
  };
  return (
    <>
      <Text>{TEXTS.clearSheet.text}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          {TEXTS.clearSheet.cancel}
        </Button>
        <Button color="red" onClick={() => void clear()}>
          {TEXTS.clearSheet.confirm}
        </Button>
      </Group>
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
