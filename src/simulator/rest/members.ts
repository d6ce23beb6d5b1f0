import { rfc2822 } from '../dates.ts';
import type { Member } from '../queue.ts';
import { page, PAGING } from './paging.ts';
import { method, url, type ParameterTable } from './parameters.ts';
import { findQueue } from './queues.ts';
import {
  accountUri,
  ok,
  readForm,
  readQuery,
  type RestCall,
  type RestResponse,
  type Route,
} from './resource.ts';
import { RestError } from './rest-error.ts';

const DEQUEUE: ParameterTable = { Url: url(), Method: method() };

export const memberRoutes: readonly Route[] = [
  { method: 'GET', path: /^Queues\/([^/.]+)\/Members$/, handle: listMembers },
  {
    method: 'GET',
    path: /^Queues\/([^/.]+)\/Members\/([^/.]+)$/,
    handle: (call) => ok(memberJson(findMember(call))),
  },
  { method: 'POST', path: /^Queues\/([^/.]+)\/Members\/([^/.]+)$/, handle: dequeueMember },
];

function listMembers(call: RestCall): RestResponse {
  const members = findQueue(call).members.map(memberJson);
  return ok(page('queue_members', members, readQuery(call, PAGING), call.pathname, call.query));
}

/** Takes the member out of the queue and to another document; its Enqueue's action is told `redirected`. */
function dequeueMember(call: RestCall): RestResponse {
  const member = findMember(call);
  const parameters = readForm(call, DEQUEUE);
  const documentUrl = parameters.get('Url');
  if (documentUrl === undefined) throw new RestError(21_205, 'Url is required');
  const body = memberJson(member);
  const { leg } = member;
  const instructions = {
    ...leg.instructions,
    url: documentUrl,
    method: parameters.method('Method'),
    twiml: null,
  };
  call.exchange.interpreter.runCall(leg, instructions, 'dequeued-member-url', {
    QueueSid: member.queue.sid,
    QueueTime: String(member.queueTimeSeconds),
  });
  return ok(body);
}

function findMember(call: RestCall): Member {
  const queue = findQueue(call);
  const key = call.path[1]!;
  const member =
    key === 'Front' ? queue.members[0] : queue.members.find(({ leg }) => leg.sid === key);
  if (!member) throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return member;
}

function memberJson(member: Member): Record<string, unknown> {
  const { exchange } = member.leg;
  return {
    call_sid: member.leg.sid,
    queue_sid: member.queue.sid,
    date_enqueued: rfc2822(member.enteredAt),
    position: member.position,
    wait_time: member.queueTimeSeconds,
    uri: accountUri(exchange, `Queues/${member.queue.sid}/Members/${member.leg.sid}.json`),
  };
}
