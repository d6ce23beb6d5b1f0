import { Table } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { LeadRow } from '../protocol/messages.ts';
import { formatPhone, formatWhen } from './format.ts';
import type { LeadWindow } from './lead-window.ts';
import classes from './lead-list.module.css';
import { TEXTS } from './texts.ts';

/** As lead-list.module.css sets it. */
const ROW_PX = 44;
const OVERSCAN_ROWS = 8;

interface LeadTableProps {
  shown: LeadWindow;
  onFirstSeen: (row: number) => void;
}

/** As many rows as are seen, of as many as there are; a row that is not here yet keeps its place. */
export function LeadTable({ shown, onFirstSeen }: LeadTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN_ROWS,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  useEffect(() => onFirstSeen(first), [first, onFirstSeen]);
  const before = items[0]?.start ?? 0;
  const after = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div
      ref={scroller}
      className={classes['scroller']}
      role="region"
      aria-label={TEXTS.leads.table}
      tabIndex={0}
    >
      <Table layout="fixed" className={classes['table']} aria-rowcount={shown.total + 1}>
        <Table.Thead>
          <Table.Tr aria-rowindex={1}>
            <Table.Th>{TEXTS.leads.lead}</Table.Th>
            <Table.Th className={classes['wideOnly']}>{TEXTS.leads.phone}</Table.Th>
            <Table.Th>{TEXTS.leads.state}</Table.Th>
            <Table.Th className={classes['wideOnly']}>{TEXTS.leads.last}</Table.Th>
            <Table.Th className={classes['wideOnly']}>{TEXTS.leads.when}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Spacer height={before} />
          {items.map(({ index }) => (
            <LeadLine key={index} index={index} lead={shown.rows[index - shown.offset] ?? null} />
          ))}
          <Spacer height={after} />
        </Table.Tbody>
      </Table>
    </div>
  );
}

const Spacer = ({ height }: { height: number }) =>
  height > 0 ? <tr aria-hidden="true" style={{ height }} /> : null;

function LeadLine({ index, lead }: { index: number; lead: LeadRow | null }) {
  if (lead === null) {
    return (
      <Table.Tr aria-rowindex={index + 2} className={classes['row']}>
        <Table.Td>…</Table.Td>
        <Table.Td className={classes['wideOnly']} />
        <Table.Td />
        <Table.Td className={classes['wideOnly']} />
        <Table.Td className={classes['wideOnly']} />
      </Table.Tr>
    );
  }
  return (
    <Table.Tr aria-rowindex={index + 2} className={classes['row']} data-lead-state={lead.state}>
      <Table.Td>
        <span className={classes['name']}>{lead.name}</span>
        <span className={classes['narrowOnly']}>{formatPhone(lead.phone)}</span>
      </Table.Td>
      <Table.Td className={classes['wideOnly']}>{formatPhone(lead.phone)}</Table.Td>
      <Table.Td>
        <span className={classes['state']}>{TEXTS.leads.stateOf[lead.state]}</span>
        <span className={classes['narrowOnly']}>{lastText(lead)}</span>
      </Table.Td>
      <Table.Td className={classes['wideOnly']}>{lastText(lead)}</Table.Td>
      <Table.Td className={classes['wideOnly']}>
        {lead.endedAt === null ? '' : formatWhen(lead.endedAt)}
      </Table.Td>
    </Table.Tr>
  );
}

/** What came of the last call: the agent's word where there is one. */
function lastText({ outcome, disposition }: LeadRow): string {
  if (disposition !== null) return TEXTS.disposition[disposition];
  return outcome === null ? '' : TEXTS.outcome[outcome];
}
