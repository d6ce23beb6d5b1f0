import { expect, test } from 'vitest';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

test('a conference starts with its second participant and tells its story', async () => {
  const world = room();
  world.network.handset(AGENT).dial(OURS);
  await world.clock.advance(3000);
  expect(world.params('/hold')[0]).toMatchObject({ ConferenceSid: expect.stringMatching(/^CF/) });
  world.call();
  await world.clock.advance(60_000);

  expect(world.params('/events').map((event) => event['StatusCallbackEvent'])).toEqual([
    'participant-join',
    'participant-join',
    'conference-start',
    'participant-leave',
    'conference-end',
    'participant-leave',
  ]);
  const [conference] = (
    world.rest('GET', 'Conferences') as unknown as { conferences: Record<string, unknown>[] }
  ).conferences;
  expect(conference).toMatchObject({
    status: 'completed',
    reason_conference_ended: 'participant-with-end-conference-on-exit-left',
  });
  expect(world.params('/over')[0]).toMatchObject({ DialCallStatus: 'answered' });
  expect(world.params('/over')[0]).not.toHaveProperty('DialCallSid');
  expect(world.network.ledger.bridges).toEqual([expect.objectContaining({ kind: 'conference' })]);
  expect(world.network.handset(AGENT).heard.map(({ text }) => text)).toContain('Good day.');
});

test('a participant can be muted, held and kicked by REST', async () => {
  const world = room({ talkMs: 600_000 });
  world.on('/music', '<Say>You are on hold.</Say><Pause length="30"/>');
  world.network.handset(AGENT).dial(OURS);
  const lead = world.call();
  await world.clock.advance(5000);
  const path = `Conferences/room/Participants/${lead}`;
  expect(world.rest('POST', path, { Muted: 'true' })).toMatchObject({
    muted: true,
    status: 'connected',
  });
  world.rest('POST', path, { Hold: 'true', HoldUrl: `${APP}/music` });
  await world.clock.advance(2000);
  expect(world.at('/music')[0]).toMatchObject({ method: 'GET' });
  expect(world.heard(lead)).toContain('You are on hold.');
  expect(world.rest('DELETE', path).httpStatus).toBe(204);
  await world.clock.advance(1000);

  expect(world.rest('GET', path).httpStatus).toBe(404);
  expect(world.params('/events').map((event) => event['StatusCallbackEvent'])).toEqual(
    expect.arrayContaining(['participant-mute', 'participant-hold', 'participant-leave']),
  );
});

test('who is muted is not heard, and a coach only by the one coached', async () => {
  const world = room({ talkMs: 600_000, says: [] });
  const coach = '+13125550108';
  world.on('/voice', '<Dial><Conference beep="false">room</Conference></Dial>');
  world.network.handset(AGENT).dial(OURS);
  const lead = world.call();
  await world.clock.advance(3000);
  const agentLeg = world.network.handset(AGENT).leg!;
  world.network.people.script(coach, { answerAfterMs: 0, talkMs: 600_000, says: ['Slow down.'] });
  world.rest('POST', 'Conferences/room/Participants', {
    From: OURS,
    To: coach,
    CallSidToCoach: agentLeg.sid,
  });
  await world.clock.advance(3000);
  world.network.handset(AGENT).say('Hello, lead.');
  world.rest('POST', `Conferences/room/Participants/${agentLeg.sid}`, { Muted: 'true' });
  world.network.handset(AGENT).say('Nobody hears this.');

  expect(world.heard(agentLeg.sid)).toContain('Slow down.');
  expect(world.heard(lead)).not.toContain('Slow down.');
  expect(world.heard(lead)).toContain('Hello, lead.');
  expect(world.heard(lead)).not.toContain('Nobody hears this.');
});

test('an announcement is played to everyone and told when it is over', async () => {
  const world = room({ talkMs: 600_000 });
  world.on(
    '/voice',
    '<Dial><Conference beep="false" statusCallback="/events" statusCallbackEvent="announcement">room</Conference></Dial>',
  );
  world.on('/announce', '<Say>Five minutes left.</Say>');
  world.network.handset(AGENT).dial(OURS);
  const lead = world.call();
  await world.clock.advance(5000);
  const [conference] = world.rest('GET', 'Conferences')['conferences'] as { sid: string }[];
  world.rest('POST', `Conferences/${conference!.sid}`, { AnnounceUrl: `${APP}/announce` });
  await world.clock.advance(5000);

  expect(world.heard(lead)).toContain('Five minutes left.');
  expect(world.params('/events')).toMatchObject([
    { StatusCallbackEvent: 'announcement-end', AnnounceUrl: `${APP}/announce` },
  ]);
});

test('REST calls a participant into a room by its name', async () => {
  const world = room();
  const participant = world.rest('POST', 'Conferences/room/Participants', {
    From: OURS,
    To: LEAD,
    Label: 'lead & co',
    EarlyMedia: 'true',
  });
  expect(participant).toMatchObject({ httpStatus: 201, status: 'queued', label: 'lead & co' });
  await world.clock.advance(5000);

  expect(
    (world.rest('GET', 'Conferences/room/Participants')['participants'] as unknown[]).length,
  ).toBe(1);
  expect(
    world.rest('GET', `Conferences/room/Participants/${encodeURIComponent('lead & co')}`)
      .httpStatus,
  ).toBe(200);
});

function room(person: object = {}): World {
  const world = new World();
  const events = 'statusCallback="/events" statusCallbackEvent="start end join leave mute hold"';
  world.network.people.script(LEAD, {
    answerAfterMs: 1000,
    talkMs: 20_000,
    says: ['Good day.'],
    ...person,
  });
  world.on(
    '/voice',
    `<Dial action="/over"><Conference waitUrl="/hold" beep="false" ${events}>room</Conference></Dial>`,
  );
  world.on(
    '/answer',
    '<Dial><Conference endConferenceOnExit="true" beep="false">room</Conference></Dial>',
  );
  world.on('/hold', '<Say>Please hold.</Say><Pause length="5"/>');
  world.on('/events', { status: 204 });
  world.on('/over', '<Hangup/>');
  return world;
}
