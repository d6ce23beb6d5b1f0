import { DataList, Text } from '@mantine/core';
import type { CallDetails, View } from '../protocol/messages.ts';
import classes from './lead-details.module.css';
import { formatWhen } from './format.ts';
import { TEXTS } from './texts.ts';

interface LeadDetailsProps {
  lead: NonNullable<View['talk']>['lead'];
  earlier: CallDetails['attempts'];
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
          {earlier.map(({ callId, outcome, disposition, endedAt, notes }) => (
            <div key={callId} className={classes['attempt']}>
              <Text size="sm">
                {formatWhen(endedAt)} · {disposition !== null && TEXTS.disposition[disposition]}
                {disposition === null && outcome !== null && TEXTS.outcome[outcome]}
              </Text>
              {notes !== '' && <Text className={classes['notes']}>{notes}</Text>}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
