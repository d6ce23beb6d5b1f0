/** Who must have picked up, and what must have been asked for, that detection came to this verdict. */
export function machineDetection(verdict: string | undefined): {
  person: {
    answers?: 'machine' | 'fax' | 'silence';
    greetingMs?: number;
    greetingEnd?: 'beep' | 'silence' | 'other';
  };
  form: Record<string, string>;
} {
  if (verdict === undefined) return { person: {}, form: {} };
  const end = /^machine_end_(beep|silence|other)$/.exec(verdict)?.[1] as
    | 'beep'
    | 'silence'
    | 'other'
    | undefined;
  if (verdict === 'machine')
    return { person: { answers: 'machine' }, form: { IfMachine: 'Continue' } };
  const form: Record<string, string> = { MachineDetection: end ? 'DetectMessageEnd' : 'Enable' };
  if (end) return { person: { answers: 'machine', greetingMs: 4000, greetingEnd: end }, form };
  if (verdict.startsWith('machine')) return { person: { answers: 'machine' }, form };
  if (verdict === 'fax') return { person: { answers: 'fax' }, form };
  return { person: verdict === 'unknown' ? { answers: 'silence' } : {}, form };
}
