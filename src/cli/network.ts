import closeWithGrace from 'close-with-grace';
import { Command, InvalidArgumentError } from 'commander';
import { checkDirectory, describeResults } from '../simulator/conformance/run.ts';
import { parseFaults, type FaultRule } from '../simulator/faults.ts';
import type { LogLine } from '../simulator/exchange.ts';
import type { OwnedNumber } from '../simulator/options.ts';
import type { PersonScript } from '../simulator/person.ts';
import { serveNetwork, SIMULATED_ACCOUNT, type NetworkOptions } from '../simulator/serve.ts';

/** Exit codes, one meaning each: docs/operations.md. */
const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 3;

/** Numbers of the 555-01xx block, which nobody has. */
const NUMBER_DEFAULT = '+13155550100';
const PORT_DEFAULT = 4010;

class EmptyDirectoryError extends Error {}

interface Flags {
  port: number;
  host: string;
  number: OwnedNumber[];
  app?: string;
  statusCallback?: string;
  accountSid: string;
  authToken: string;
  callsPerSecond: number;
  seed?: number;
  lenient?: boolean;
  faults?: Record<string, FaultRule>;
  person: Record<string, PersonScript>;
  quiet?: boolean;
}

/** The simulated telephone network by itself, for any program that speaks Twilio's API, in any language. */
export function networkCommand(): Command {
  const command = new Command('network')
    .description(
      'run the simulated telephone network alone: REST, signed webhooks, handsets, people',
    )
    .option('--port <n>', 'port of REST and control API', integer, PORT_DEFAULT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--number <e164[=voiceUrl]>',
      'a number the account owns; repeatable',
      collectNumber,
      [],
    )
    .option('--app <sid=voiceUrl>', 'a TwiML App for browser clients')
    .option('--status-callback <url>', "the numbers' own status callback")
    .option('--account-sid <sid>', 'account', SIMULATED_ACCOUNT.accountSid)
    .option(
      '--auth-token <token>',
      'its token, which also signs webhooks',
      SIMULATED_ACCOUNT.authToken,
    )
    .option('--calls-per-second <n>', 'starts of REST calls a second', number, 1)
    .option('--seed <n>', 'seed of everything random; default: a new one, printed', integer)
    .option(
      '--person <e164=json>',
      'script a person: +13125550107={"answers":"busy"}; repeatable',
      collectPerson,
      {},
    )
    .option(
      '--faults <list>',
      'faults such as create.429=0.1,status.delay=0.05:2000; also NETWORK_FAULTS',
      faults,
    )
    .option('--lenient', 'ignore unknown REST parameters, as Twilio does')
    .option('--quiet', 'print no line per webhook')
    .action(run);
  return command.addCommand(conformanceCommand());
}

function conformanceCommand(): Command {
  return new Command('conformance')
    .description(
      'compare what the network sends with recorded webhooks: DIR/*.json of { kind, params }',
    )
    .argument('<dir>', 'directory of recorded payloads')
    .option('--json', 'one JSON object')
    .exitOverride()
    .action(async (directory: string, { json }: { json?: boolean }) => {
      try {
        const results = await checkDirectory(directory);
        if (results.length === 0) throw new EmptyDirectoryError(`${directory} holds no *.json`);
        process.stdout.write(
          `${json ? JSON.stringify({ results }, null, 2) : describeResults(results)}\n`,
        );
        if (results.some(({ outcome }) => outcome !== 'conforms')) process.exitCode = EXIT_FAILED;
      } catch (error) {
        if (!(error instanceof EmptyDirectoryError) && !isMissingDirectory(error)) throw error;
        process.stderr.write(`${(error as Error).message}\n`);
        process.exitCode = EXIT_BAD_INPUT;
      }
    });
}

async function run(flags: Flags): Promise<void> {
  const seed = flags.seed ?? Date.now() % 2 ** 31;
  const running = await serveNetwork(optionsOf(flags, seed));
  closeWithGrace({ logger: false }, async ({ err }) => {
    if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
    await running.close();
  });
  process.stdout.write(`${greeting(running.url, flags, seed)}\n`);
}

function optionsOf(flags: Flags, seed: number): NetworkOptions {
  const numbers = flags.number.length > 0 ? flags.number : [{ phoneNumber: NUMBER_DEFAULT }];
  const [sid, voiceUrl] = flags.app?.split(/=(.*)/s) ?? [];
  return {
    accountSid: flags.accountSid,
    authToken: flags.authToken,
    numbers: numbers.map((owned) => ({
      ...owned,
      ...(flags.statusCallback !== undefined && { statusCallback: flags.statusCallback }),
    })),
    ...(sid !== undefined && voiceUrl !== undefined && { applications: [{ sid, voiceUrl }] }),
    callsPerSecond: flags.callsPerSecond,
    seed,
    strict: !flags.lenient,
    people: { scripts: flags.person },
    ...(flags.faults && { faults: flags.faults }),
    host: flags.host,
    port: flags.port,
    log: (line) => print(line, flags.quiet === true),
  };
}

function greeting(url: string, flags: Flags, seed: number): string {
  const numbers = flags.number.length > 0 ? flags.number : [{ phoneNumber: NUMBER_DEFAULT }];
  return [
    `The simulated telephone network is at ${url} (seed ${seed}).`,
    `  account     ${flags.accountSid}`,
    `  auth token  ${flags.authToken === SIMULATED_ACCOUNT.authToken ? flags.authToken : 'as given'}`,
    ...numbers.map(
      ({ phoneNumber, voiceUrl }) =>
        `  number      ${phoneNumber}${voiceUrl === undefined ? '' : ` -> ${voiceUrl}`}`,
    ),
    'Point an SDK at it: in Node, client.api.baseUrl = the URL above.',
    `Call your number: curl -X POST ${url}/control/handsets/+13155550133/dial -d '{"to":"${numbers[0]!.phoneNumber}"}'`,
  ].join('\n');
}

function print(line: LogLine, isQuiet: boolean): void {
  if (isQuiet && line.level === 'debug') return;
  const { level, msg, ...details } = line;
  const shown = Object.entries(details)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
  process.stderr.write(`${level} ${msg} ${shown.join(' ')}\n`);
}

function isMissingDirectory(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(text);
}

function number(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is wanted');
  return value;
}

function collectNumber(text: string, numbers: OwnedNumber[]): OwnedNumber[] {
  const [phoneNumber = '', voiceUrl] = text.split(/=(.*)/s);
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber))
    throw new InvalidArgumentError('a number in E.164 form is wanted');
  return [...numbers, { phoneNumber, ...(voiceUrl !== undefined && { voiceUrl }) }];
}

function collectPerson(
  text: string,
  people: Record<string, PersonScript>,
): Record<string, PersonScript> {
  const [phoneNumber = '', script = ''] = text.split(/=(.*)/s);
  try {
    return { ...people, [phoneNumber]: JSON.parse(script) as PersonScript };
  } catch {
    throw new InvalidArgumentError('expected a number, =, and a JSON object');
  }
}

function faults(line: string): Record<string, FaultRule> {
  try {
    return parseFaults(line);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
