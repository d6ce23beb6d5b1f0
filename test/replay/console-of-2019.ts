/** Writes console output as the system of 2019 printed it, for situations that its one kept log does not show. */
export class ConsoleOf2019 {
  readonly #lines: string[] = [];
  #second = 0;

  static readonly agent = 'CA000000000000000000000000000000a1';
  static lead = (count: number): string => `CA000000000000000000000000000000b${count}`;

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  later(seconds: number): this {
    this.#second += seconds;
    return this;
  }

  say(text: string): this {
    this.#lines.push(`app-core    | ${text}`);
    return this;
  }

  /** As `console.log(object)` prints it. */
  inspected(form: Readonly<Record<string, string>>): this {
    const fields = Object.entries(form).map(([name, value]) => `${name}: '${value}'`);
    this.#lines.push(
      ...fields.map((field, index) => {
        const start = index === 0 ? '{ ' : '  ';
        return `app-core    | ${start}${field}${index === fields.length - 1 ? ' }' : ','}`;
      }),
    );
    return this;
  }

  /** As `console.log('call status event', JSON.stringify(object, null, 2))` prints it. */
  event(form: Readonly<Record<string, string>>): this {
    const json = JSON.stringify(form, null, 2).split('\n');
    this.#lines.push(
      ...json.map(
        (line, index) => `app-core    | ${index === 0 ? 'call status event ' : ''}${line}`,
      ),
    );
    return this;
  }

  posted(route: string, bytes: number, referer = '-'): this {
    const time = new Date(Date.UTC(2019, 0, 28, 12, 0, this.#second));
    const stamp = `28/Jan/2019:${time.toISOString().slice(11, 19)} +0000`;
    const from = referer === '-' ? '-' : `https://auto-connect.ngrok.io/twilio-webhook/${referer}`;
    this.#lines.push(
      `app-proxy   | 192.0.2.1 - - [${stamp}] "POST /twilio-webhook/${route} HTTP/1.1" 200 ${bytes} "${from}" "TwilioProxy/1.1"`,
    );
    return this;
  }

  /** She phones in and keys her code. */
  phonedIn(code: string, callSid = ConsoleOf2019.agent): this {
    const common = standard(callSid, 'inbound');
    this.inspected({ ...common, CallStatus: 'ringing' })
      .posted('consume', 224)
      .later(5);
    this.inspected({
      msg: 'Gather End',
      ...common,
      Digits: code,
      FinishedOnKey: '',
      CallStatus: 'in-progress',
    });
    return this.posted('consume', 262, 'consume').later(5);
  }

  called(leads: number): this {
    for (let count = 1; count <= leads; count += 1)
      this.say('initiating twilio call').say('creating twilio call');
    for (let count = 1; count <= leads; count += 1) {
      this.say(`00000000-0000-4000-8000-000000000001 ${ConsoleOf2019.lead(count)}`);
    }
    return this.later(4);
  }

  bridged(lead: string, consumer: string = ConsoleOf2019.agent): this {
    const form = {
      ...standard(lead, 'outbound-api'),
      QueueTime: '0',
      DequeingCallSid: consumer,
      CallStatus: 'in-progress',
    };
    return this.event(form).say('on party connection').posted('call-status-event', 0, 'enqueue');
  }

  ended(lead: string, status: string, seconds: number): this {
    const form = {
      ...standard(lead, 'outbound-api'),
      CallbackSource: 'call-progress-events',
      SequenceNumber: '0',
      CallStatus: status,
      CallDuration: String(seconds),
      Duration: String(Math.ceil(seconds / 60)),
    };
    return this.event(form).posted('call-status-event', 0);
  }
}

const standard = (callSid: string, direction: string): Record<string, string> => ({
  CallSid: callSid,
  AccountSid: 'AC00000000000000000000000000000001',
  Direction: direction,
  From: '+13155550100',
  To: '+18005550144',
  ApiVersion: '2010-04-01',
});
