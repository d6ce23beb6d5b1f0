import { Table, Text } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import { formatPhone, formatTime } from './format.ts';
import classes from './lists.module.css';
import { TEXTS } from './texts.ts';

interface RecentCallsProps {
  recent: View['recent'];
  wrapUpCallId: string | null;
}

export function RecentCalls({ recent, wrapUpCallId }: RecentCallsProps) {
  if (recent.length === 0) return <Text className={classes['none']}>{TEXTS.recent.none}</Text>;
  return (
    <Table className={classes['table']} layout="fixed" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{TEXTS.recent.lead}</Table.Th>
          <Table.Th>{TEXTS.recent.result}</Table.Th>
          <Table.Th className={classes['when']}>{TEXTS.recent.when}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {recent.map((call) => (
          <Table.Tr key={call.callId}>
            <Table.Td>
              <span className={classes['name']}>{call.lead.name}</span>
              <span className={classes['phone']}>{formatPhone(call.lead.phone)}</span>
            </Table.Td>
            <Table.Td>
              <span>{TEXTS.outcome[call.outcome]}</span>
              <span className={classes['second']}>
                {call.disposition !== null && TEXTS.disposition[call.disposition]}
                {call.callId === wrapUpCallId && TEXTS.recent.owed}
              </span>
            </Table.Td>
            <Table.Td className={classes['when']}>{formatTime(call.endedAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
