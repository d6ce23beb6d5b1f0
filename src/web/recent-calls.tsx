import { Button, Table, Text } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import { formatDuration, formatPhone, formatTime } from './format.ts';
import classes from './lists.module.css';
import { useShowSheet } from './sheets.tsx';
import table from './table.module.css';
import { TEXTS } from './texts.ts';

interface RecentCallsProps {
  recent: View['recent'];
  wrapUpCallId: string | null;
}

export function RecentCalls({ recent, wrapUpCallId }: RecentCallsProps) {
  if (recent.length === 0) return <Text className={classes['none']}>{TEXTS.recent.none}</Text>;
  return (
    <Table className={table['table']} layout="fixed" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{TEXTS.recent.lead}</Table.Th>
          <Table.Th className={classes['wideOnly']}>{TEXTS.recent.phone}</Table.Th>
          <Table.Th>{TEXTS.recent.result}</Table.Th>
          <Table.Th className={classes['wideOnly']}>{TEXTS.recent.recorded}</Table.Th>
          <Table.Th className={classes['when']}>{TEXTS.recent.when}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {recent.map((call) => (
          <Table.Tr key={call.callId}>
            <Table.Td>
              <span className={classes['name']}>{call.lead.name}</span>
              <span className={classes['narrowOnly']}>{formatPhone(call.lead.phone)}</span>
            </Table.Td>
            <Table.Td className={classes['wideOnly']}>{formatPhone(call.lead.phone)}</Table.Td>
            <Table.Td>
              {resultText(call)}
              <span className={classes['narrowOnly']}>
                {recordedText(call, wrapUpCallId)} <Correct call={call} />
              </span>
            </Table.Td>
            <Table.Td className={classes['wideOnly']}>
              {recordedText(call, wrapUpCallId)} <Correct call={call} />
            </Table.Td>
            <Table.Td className={classes['when']}>{formatTime(call.endedAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A talk whose outcome is set may get another one. */
function Correct({ call }: { call: View['recent'][number] }) {
  const showSheet = useShowSheet();
  if (call.disposition === null) return null;
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      aria-label={TEXTS.correctSheet.changeOf(call.lead.name)}
      onClick={() => showSheet({ name: 'correct', call })}
    >
      {TEXTS.correctSheet.change}
    </Button>
  );
}

function resultText({ outcome, talkMs }: View['recent'][number]): string {
  const length = talkMs === null ? '' : ` ${formatDuration(talkMs)}`;
  return `${TEXTS.outcome[outcome]}${length}`;
}

function recordedText(call: View['recent'][number], wrapUpCallId: string | null): string {
  if (call.disposition !== null) return TEXTS.disposition[call.disposition];
  return call.callId === wrapUpCallId ? TEXTS.recent.owed : '';
}
