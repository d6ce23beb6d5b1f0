import { DataList, Text } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import classes from './lead-details.module.css';
import { formatTime } from './format.ts';
import { TEXTS } from './texts.ts';

interface LeadDetailsProps {
  lead: NonNullable<View['talk']>['lead'];
  earlier: View['recent'];
}

/** Every column of the list as it stands there, and what became of earlier calls. */
export function LeadDetails({ lead, earlier }: LeadDetailsProps) {
  const columns = Object.entries(lead.columns).filter(
    ([, value]) => value !== '' && value !== lead.name && value !== lead.phone,
  );
  return (
    <div className={classes['details']}>
      {columns.length === 0 ? (
        <Text className={classes['none']}>{TEXTS.talk.noDetails}</Text>
      ) : (
        <DataList gap={6} labelWidth="7.5rem" aria-label={TEXTS.talk.details}>
          {columns.map(([column, value]) => (
            <DataList.Item key={column}>
              <DataList.ItemLabel>{column}</DataList.ItemLabel>
              <DataList.ItemValue className={classes['value'] ?? ''}>{value}</DataList.ItemValue>
            </DataList.Item>
          ))}
        </DataList>
      )}
      {earlier.length > 0 && (
        <div className={classes['earlier']}>
          <Text className={classes['label']}>{TEXTS.talk.earlier}</Text>
          {earlier.map(({ callId, outcome, disposition, endedAt }) => (
            <Text key={callId} size="sm">
              {formatTime(endedAt)}{' '}
              {disposition === null ? TEXTS.outcome[outcome] : TEXTS.disposition[disposition]}
            </Text>
          ))}
        </div>
      )}
    </div>
  );
}
