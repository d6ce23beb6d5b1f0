import { Alert, Button, Checkbox, NativeSelect, Progress, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useDropzone } from 'react-dropzone';
import type { ImportPreview, Mapping } from '../domain/lead-import.ts';
import { useDesk } from './desk-context.ts';
import { formatPhone } from './format.ts';
import classes from './import-sheet.module.css';
import { addLeads, previewLeads, type FileAnswer } from './lead-file.ts';
import { TEXTS } from './texts.ts';

const T = TEXTS.importSheet;

/** A file is looked at before anything is added: which column is what, and which rows cannot be added. */
export function ImportSheet({ dropped, onClose }: { dropped: File | null; onClose: () => void }) {
  const [file, setFile] = useState(dropped);
  const sheet = useFocusKept();
  return (
    <div ref={sheet} tabIndex={-1} className={classes['sheet']}>
      {file === null ? (
        <Chooser onFile={setFile} />
      ) : (
        <FileView
          key={file.name + file.lastModified}
          file={file}
          onOther={() => setFile(null)}
          onClose={onClose}
        />
      )}
    </div>
  );
}

/**
 * The sheet is loaded after its dialog has looked for what takes the focus, and each step takes away the button that was
 * pressed: the next one's takes it then.
 */
function useFocusKept() {
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = sheet.current;
    if (place === null) return;
    const keep = (): void => {
      const active = document.activeElement;
      const isHere = place !== active && place.contains(active);
      if (!isHere) (place.querySelector<HTMLElement>('[data-autofocus]') ?? place).focus();
    };
    keep();
    const watch = new MutationObserver(() => {
      const active = document.activeElement;
      if (active === document.body || active === place) keep();
    });
    watch.observe(place, { childList: true, subtree: true });
    return () => watch.disconnect();
  }, []);
  return sheet;
}

function Chooser({ onFile }: { onFile: (file: File) => void }) {
  const { getRootProps, getInputProps, open, isDragActive } = useDropzone({
    multiple: false,
    noClick: true,
    noKeyboard: true,
    onDrop: ([file]) => {
      if (file) onFile(file);
    },
  });
  return (
    <div
      {...getRootProps({ className: classes['drop'] ?? '', tabIndex: -1 })}
      data-over={isDragActive}
    >
      <input {...getInputProps({ 'aria-hidden': true })} />
      <Text>{T.dropHere}</Text>
      <Button onClick={open} data-autofocus>
        {T.choose}
      </Button>
      <Text className={classes['limits']}>{T.limits}</Text>
    </div>
  );
}

interface FileViewProps {
  file: File;
  onOther: () => void;
  onClose: () => void;
}

function FileView({ file, onOther, onClose }: FileViewProps) {
  const desk = useDesk();
  const [looked, setLooked] = useState<FileAnswer<ImportPreview> | null>(null);
  const [adding, setAdding] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const latest = useRef(0);
  const look = useCallback(
    async (mapping: Mapping | null) => {
      const turn = ++latest.current;
      setTrouble(null);
      const answer = await previewLeads(desk, file, mapping);
      // Another column was chosen meanwhile: its answer counts.
      if (turn === latest.current) setLooked(answer);
    },
    [desk, file],
  );
  useEffect(() => void look(null), [look]);
  const add = async (mapping: Mapping, skip: boolean) => {
    setAdding(true);
    const answer = await addLeads(desk, file, mapping, skip);
    setAdding(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    notifications.show({ message: T.done(answer.result.added), color: 'green' });
    onClose();
  };

  if (adding) return <Reading text={T.adding} />;
  if (looked === null) return <Reading text={T.reading} />;
  if (!looked.ok) {
    return (
      <>
        <Alert color="orange" role="alert">
          {looked.trouble}
        </Alert>
        <Button variant="default" mt="md" onClick={onOther} data-autofocus>
          {T.other}
        </Button>
      </>
    );
  }
  return (
    <Preview
      file={file}
      preview={looked.result}
      trouble={trouble}
      onMapping={(mapping) => void look(mapping)}
      onAdd={(skip) => void add(looked.result.mapping, skip)}
      onOther={onOther}
    />
  );
}

function Reading({ text }: { text: string }) {
  const desk = useDesk();
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  useEffect(() => desk.on('importing', (done, total) => setProgress({ done, total })), [desk]);
  const share = progress === null ? 100 : (progress.done / progress.total) * 100;
  return (
    <div role="status">
      <Text mb="xs">{progress === null ? text : T.readingOf(progress.done, progress.total)}</Text>
      <Progress value={share} animated={progress === null} aria-label={text} />
    </div>
  );
}

interface PreviewProps {
  file: File;
  preview: ImportPreview;
  trouble: string | null;
  onMapping: (mapping: Mapping) => void;
  onAdd: (skip: boolean) => void;
  onOther: () => void;
}

function Preview({ file, preview, trouble, onMapping, onAdd, onOther }: PreviewProps) {
  const { mapping, good, rows, bad, duplicates } = preview;
  const [skips, setSkips] = useState(false);
  const left = bad + duplicates;
  const why = whyNot(preview, skips);
  const [said, setSaid] = useState<string | null>(null);
  return (
    <>
      <Text className={classes['file']}>{file.name}</Text>
      <Columns preview={preview} onMapping={onMapping} />
      <Text role="status" mt="sm">
        {mapping.phone === null ? T.failed.noPhoneColumn : T.counts(good, rows)}{' '}
        {bad > 0 && T.bad(bad)} {duplicates > 0 && T.duplicates(duplicates)}
      </Text>
      <Sample preview={preview} />
      {left > 0 && <Problems preview={preview} />}
      {left > 0 && good > 0 && (
        <Checkbox
          mt="sm"
          label={T.skip(left)}
          checked={skips}
          onChange={(event) => setSkips(event.currentTarget.checked)}
        />
      )}
      {(trouble ?? said) !== null && (
        <Alert color="orange" role="alert" mt="sm">
          {trouble ?? said}
        </Alert>
      )}
      <div className={classes['buttons']}>
        <Button variant="default" onClick={onOther}>
          {T.other}
        </Button>
        <Button
          data-autofocus
          aria-disabled={why !== null}
          {...(why === null ? {} : { 'data-disabled': true })}
          onClick={() => (why === null ? onAdd(skips) : setSaid(why))}
        >
          {T.add(good)}
        </Button>
      </div>
    </>
  );
}

function whyNot({ mapping, good, bad, duplicates }: ImportPreview, skips: boolean): string | null {
  if (mapping.phone === null) return T.failed.noPhoneColumn;
  if (good === 0) return T.nothing;
  return bad + duplicates > 0 && !skips ? T.skipFirst : null;
}

function Columns({ preview, onMapping }: Pick<PreviewProps, 'preview' | 'onMapping'>) {
  const { columns, mapping } = preview;
  const data = [
    { value: '', label: T.noColumn },
    ...columns.map((name, index) => ({ value: `${index}`, label: name })),
  ];
  return (
    <div className={classes['columns']}>
      {(['phone', 'name', 'surname'] as const).map((key) => (
        <NativeSelect
          key={key}
          label={T[key]}
          value={mapping[key] === null ? '' : `${mapping[key]}`}
          data={data}
          onChange={({ currentTarget: { value } }) =>
            onMapping({ ...mapping, [key]: value === '' ? null : Number(value) })
          }
        />
      ))}
    </div>
  );
}

function Sample({ preview: { columns, sample } }: { preview: ImportPreview }) {
  return (
    <div className={classes['sample']} role="region" aria-label={T.first} tabIndex={0}>
      <Table verticalSpacing={4} fz="xs">
        <Table.Caption>{T.first}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sample.map((cells, index) => (
            <Table.Tr key={index}>
              {cells.map((cell, column) => (
                <Table.Td key={column}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Problems({ preview: { problems, bad, duplicates } }: { preview: ImportPreview }) {
  const unlisted = bad + duplicates - problems.length;
  return (
    <section aria-label={T.problems}>
      <Text className={classes['label']}>{T.problems}</Text>
      <ul className={classes['problems']} tabIndex={0} aria-label={T.problems}>
        {problems.map(({ line, reason, text }) => (
          <li key={line}>
            <strong>{T.line(line)}</strong>: {T.reason[reason]}
            {text !== '' && <span className={classes['cell']}> ({formatPhone(text)})</span>}
          </li>
        ))}
        {unlisted > 0 && <li>{T.more(unlisted)}</li>}
      </ul>
    </section>
  );
}
