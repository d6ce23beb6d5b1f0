import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { chainsOf } from '../why/chain.ts';
import { chainText } from '../why/chain-text.ts';
import { findSessions } from '../why/find-sessions.ts';

/** `why ID`: what happened to a call, leg, session or number, and what is being waited for. Reads the file only. */
export function whyCommand(): Command {
  return new Command('why')
    .description('tell from the journal why a call, a session or a number is where it is')
    .argument('<id>', 'a call id, a CallSid, a session id, or a number like +13155550100')
    .option('--store <file>', 'the store; default: STORE, or the one that serve would use')
    .option('--json', 'print one JSON object')
    .allowUnknownOption() // One id in 64 begins with a hyphen.
    .action((id: string, options: { store?: string; json?: true }) => {
      const chains = chainsOf(findSessions(options.store ?? readConfig(process.env).storePath, id));
      const text = options.json
        ? JSON.stringify({ id, sessions: chains })
        : chains.map(chainText).join('\n\n');
      process.stdout.write(`${text}\n`);
    });
}
