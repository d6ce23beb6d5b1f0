import { fileURLToPath } from 'node:url';
import { Network } from '../../src/simulator/network.ts';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../src/simulator/options.ts';
import {
  inProcessTransport,
  type InProcessReply,
  type TransportRequest,
} from '../../src/simulator/transport.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';

export interface NetworkBenchResult {
  webhooks: number;
  calls: number;
  bridges: number;
  wallSeconds: number;
  virtualHours: number;
  webhooksPerSecond: number;
  speedUp: number;
}

const OURS = '+13155550100';
const XML = { 'content-type': 'text/xml' };

/** A call floor on the virtual clock: agents in their queues, one lead after another, signatures and all. */
export async function benchNetwork(agents = 50, hours = 8, seed = 1): Promise<NetworkBenchResult> {
  const clock = new VirtualClock();
  const network = new Network({
    numbers: [{ phoneNumber: OURS, voiceUrl: 'http://app.test/consume' }],
    clock,
    seed,
    callsPerSecond: 100,
    timings: TIMINGS.lifelike,
    requestsKept: 0, // Nobody asks for them.
    transport: inProcessTransport((request) => answer(network, request)),
  });
  for (let agent = 0; agent < agents; agent += 1) {
    const queue = `queue-${agent}`;
    rest(network, 'Queues', { FriendlyName: queue });
    const handset = network.handset(numberOf(agent, 900 + Math.floor(agent / 100)));
    handset.dial(OURS, { extraFields: { Agent: String(agent) } });
  }
  const startedAt = performance.now();
  await clock.advance(hours * 3_600_000);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const webhooks = network.exchange.webhooks.count;
  return {
    webhooks,
    calls: network.ledger.calls.length,
    bridges: network.ledger.bridges.length,
    wallSeconds,
    virtualHours: hours,
    webhooksPerSecond: Math.round(webhooks / wallSeconds),
    speedUp: Math.round((hours * 3600) / wallSeconds),
  };
}

/** A small dialer: when an agent waits, it calls the next lead for that agent. */
function answer(network: Network, request: TransportRequest): InProcessReply {
  const [, , , verb = '', id] = request.url.split('/');
  const field = (name: string): string => request.fields.find(([key]) => key === name)?.[1] ?? '';
  const agent = id ?? field('Agent');
  switch (verb) {
    case 'consume':
    case 'again':
      placeLead(network, agent);
      return twiml(
        `<Dial action="/again/${agent}" timeout="600"><Queue url="/bridging/${agent}">queue-${agent}</Queue></Dial>`,
      );
    case 'enqueue':
      return twiml(
        `<Enqueue action="/left/${agent}" waitUrl="/wait/${agent}">queue-${agent}</Enqueue>`,
      );
    case 'wait':
      return twiml('<Pause length="5"/>');
    case 'status': {
      if (['busy', 'no-answer', 'failed'].includes(field('CallStatus'))) placeLead(network, agent);
      return { status: 204 };
    }
    default:
      return twiml('');
  }
}

let leads = 0;

function placeLead(network: Network, agent: string): void {
  leads += 1;
  rest(network, 'Calls', {
    To: numberOf(leads % 100, 200 + (Math.floor(leads / 100) % 700)),
    From: OURS,
    Url: `http://app.test/enqueue/${agent}`,
    StatusCallback: `http://app.test/status/${agent}`,
    StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    Timeout: '25',
  });
}

/** 555-01xx in an area code: the numbers nobody has. */
function numberOf(index: number, area: number): string {
  return `+1${area}55501${String(index % 100).padStart(2, '0')}`;
}

function rest(network: Network, path: string, form: Record<string, string | string[]>): void {
  const { accountSid, authToken } = SIMULATED_ACCOUNT;
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form))
    for (const one of [value].flat()) body.append(name, one);
  network.handle({
    method: 'POST',
    target: `/2010-04-01/Accounts/${accountSid}/${path}.json`,
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    body: body.toString(),
  });
}

function twiml(verbs: string): InProcessReply {
  return { status: 200, headers: XML, body: `<Response>${verbs}</Response>` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    JSON.stringify(
      await benchNetwork(Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 8)),
      null,
      2,
    ),
  );
}
