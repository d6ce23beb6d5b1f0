import { describe } from 'vitest';
import { MemoryLeads } from '../../src/leads/memory-leads.ts';
import { leadsContract } from './leads-contract.ts';

describe('leads in memory', () => {
  leadsContract(async (leads) => new MemoryLeads(leads));
});
