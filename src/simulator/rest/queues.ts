import { rfc2822 } from '../dates.ts';
import type { Exchange } from '../exchange.ts';
import { QUEUE_NAME_CHARACTERS_MAX, type CallQueue } from '../queue.ts';
import { page, PAGING } from './paging.ts';
import { integer, text, type ParameterTable } from './parameters.ts';
import {
  accountUri,
  created,
  gone,
  ok,
  readForm,
  readQuery,
  type RestCall,
  type RestResponse,
  type Route,
} from './resource.ts';
import { RestError } from './rest-error.ts';

const QUEUE: ParameterTable = {
  FriendlyName: text(20_422, QUEUE_NAME_CHARACTERS_MAX),
  MaxSize: integer(1, 5000),
};

export const queueRoutes: readonly Route[] = [
  { method: 'POST', path: /^Queues$/, handle: createQueue },
  { method: 'GET', path: /^Queues$/, handle: listQueues },
  {
    method: 'GET',
    path: /^Queues\/([^/.]+)$/,
    handle: (call) => ok(queueJson(call.exchange, findQueue(call))),
  },
  { method: 'POST', path: /^Queues\/([^/.]+)$/, handle: updateQueue },
  { method: 'DELETE', path: /^Queues\/([^/.]+)$/, handle: deleteQueue },
];

function createQueue(call: RestCall): RestResponse {
  const { queues } = call.exchange;
  const parameters = readForm(call, QUEUE);
  const name = parameters.get('FriendlyName');
  if (name === undefined || name === '') throw new RestError(20_422, 'FriendlyName is required');
  checkUnique(call, name);
  return created(queueJson(call.exchange, queues.create(name, parameters.number('MaxSize'))));
}

function listQueues(call: RestCall): RestResponse {
  const parameters = readQuery(call, PAGING);
  const queues = call.exchange.queues.all().map((queue) => queueJson(call.exchange, queue));
  return ok(page('queues', queues, parameters, call.pathname, call.query));
}

function updateQueue(call: RestCall): RestResponse {
  const queue = findQueue(call);
  const parameters = readForm(call, QUEUE);
  const name = parameters.get('FriendlyName');
  if (name !== undefined && name !== queue.friendlyName) {
    checkUnique(call, name);
    call.exchange.queues.rename(queue, name);
  }
  queue.maxSize = parameters.number('MaxSize') ?? queue.maxSize;
  queue.updatedAt = call.exchange.clock.now();
  return ok(queueJson(call.exchange, queue));
}

function deleteQueue(call: RestCall): RestResponse {
  const queue = findQueue(call);
  if (queue.members.length > 0) throw new RestError(call.exchange.assumptions.deleteBusyQueueCode);
  call.exchange.queues.delete(queue);
  return gone;
}

function checkUnique(call: RestCall, name: string): void {
  if (call.exchange.queues.named(name))
    throw new RestError(22_003, `A queue with the name ${name} already exists`);
}

/** By SID: a queue's name does not address it here. */
export function findQueue(call: RestCall): CallQueue {
  const queue = call.exchange.queues.get(call.path[0]!);
  if (!queue) throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return queue;
}

function queueJson(exchange: Exchange, queue: CallQueue): Record<string, unknown> {
  return {
    sid: queue.sid,
    account_sid: exchange.accountSid,
    friendly_name: queue.friendlyName,
    current_size: queue.members.length,
    max_size: queue.maxSize,
    average_wait_time: queue.averageWaitSeconds,
    date_created: rfc2822(queue.createdAt),
    date_updated: rfc2822(queue.updatedAt),
    uri: accountUri(exchange, `Queues/${queue.sid}.json`),
    subresource_uris: { members: accountUri(exchange, `Queues/${queue.sid}/Members.json`) },
  };
}
