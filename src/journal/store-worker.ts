import { parentPort } from 'node:worker_threads';
import { StoreDatabase } from './store-database.ts';
import { failureOf } from './store-failure.ts';
import type { ReplyMessage, RequestMessage, StoreReplies, StoreRequest } from './store-requests.ts';

/** The store's thread: a commit waits for the disk here, so that the event loop of the server never does. */
if (!parentPort) throw new Error('store-worker runs as a thread only');
const port = parentPort;
let store: StoreDatabase | null = null;

port.on('message', ({ id, request }: RequestMessage) => {
  let reply: ReplyMessage;
  try {
    reply = { id, outcome: { result: handle(request) } };
  } catch (error) {
    const failure = store ? store.failureOf(error) : failureOf(error, 'the store');
    reply = { id, outcome: { failure } };
  }
  port.postMessage(reply);
  if (request.kind === 'close') port.close();
});

function handle(request: StoreRequest): StoreReplies[StoreRequest['kind']] {
  if (request.kind === 'open') {
    store = new StoreDatabase(request.open);
    return store.opened;
  }
  if (!store) throw new Error('the store is not open');
  switch (request.kind) {
    case 'group':
      return store.commit(request.group);
    case 'startReading':
      return store.startReading();
    case 'readNext':
      return store.readNext(request.cursor);
    case 'stopReading':
      store.stopReading(request.cursor);
      return null;
    case 'close':
      store.close();
      return null;
  }
}
