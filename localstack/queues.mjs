// SQS queues as fauxqs has them, kept in a state on disk. The file is not among fauxqs's exports, hence the path.
import { SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';

/**
 * @import { SqsQueue } from '../node_modules/fauxqs/dist/sqs/sqsStore.js'
 * @import { SqsMessage } from '../node_modules/fauxqs/dist/sqs/sqsTypes.js'
 * @import { State } from './state.mjs'
 */

/** Queues that lose no message when their process ends: those in flight come back. */
export class Queues extends SqsStore {
  #state;

  /** @param {State | undefined} state Without one, all is in memory. */
  constructor(state) {
    super();
    this.#state = state;
    this.host = ''; // queue URLs then name the host of the request, not sqs.us-east-1.localhost
  }

  /** Finds the queues that the state has, with their messages in the order in which they were sent. */
  async load() {
    const state = this.#state;
    if (!state) return;
    for await (const [name, text] of state.all('queue/')) {
      const { url, arn, attributes, tags } = parse(text);
      const queue = super.createQueue(name, url, arn, attributes, tags);
      /** @type {SqsMessage[]} */
      const messages = [];
      for await (const [, message] of state.all(`message/${name}/`)) messages.push(parse(message));
      for (const message of messages.sort((a, b) => a.sentTimestamp - b.sentTimestamp)) queue.enqueue(message);
      this.#keepMessages(state, queue);
    }
  }

  /**
   * @override
   * @param {string} name
   * @param {string} url
   * @param {string} arn
   * @param {Record<string, string>} [attributes]
   * @param {Record<string, string>} [tags]
   */
  createQueue(name, url, arn, attributes, tags) {
    const queue = super.createQueue(name, url, arn, attributes, tags);
    if (this.#state) this.#keepMessages(this.#state, queue);
    this.keepSettings(url);
    return queue;
  }

  /** @override @param {string} url */
  deleteQueue(url) {
    const queue = this.getQueue(url);
    queue?.purge();
    if (queue) this.#state?.write({ key: `queue/${queue.name}`, undo: () => {} });
    return super.deleteQueue(url);
  }

  /** Writes down the attributes and tags that a queue has now. @param {string} url */
  keepSettings(url) {
    const queue = this.getQueue(url);
    if (!queue || !this.#state) return;
    const { name, arn, attributes, tags } = queue;
    const value = Buffer.from(JSON.stringify({ url, arn, attributes, tags: Object.fromEntries(tags) }));
    this.#state.write({ key: `queue/${name}`, value, undo: () => {} });
  }

  /**
   * fauxqs goes on waiting for a client that has gone, and messages that it then gets would be hidden from the others.
   *
   * @param {string} url
   * @param {string} payload The answer that nobody got.
   */
  takeBack(url, payload) {
    const queue = this.getQueue(url);
    if (!queue) return;
    for (const { ReceiptHandle } of JSON.parse(payload).Messages ?? []) {
      const received = queue.inflightMessages.get(ReceiptHandle);
      if (!received) continue;
      received.message.approximateReceiveCount--;
      queue.changeVisibility(ReceiptHandle, 0);
    }
  }

  /**
   * Has every change of a queue's messages written down.
   *
   * @param {State} state
   * @param {SqsQueue} queue
   */
  #keepMessages(state, queue) {
    const { enqueue, dequeue, deleteMessage, purge } = queue;
    /** @param {string} id */
    const keyOf = (id) => `message/${queue.name}/${id}`;
    /** @param {string} id */
    const remove = (id) => state.write({ key: keyOf(id), undo: () => {} });
    /** @param {SqsMessage} message @param {() => void} [undo] */
    const keep = (message, undo = () => {}) => {
      const value = Buffer.from(JSON.stringify(message));
      state.write({ key: keyOf(message.messageId), value, undo });
    };
    queue.enqueue = (message) => {
      enqueue.call(queue, message);
      keep(message, () => drop(queue, message));
    };
    queue.dequeue = (most, timeout, queueOf) => {
      /** @type {typeof queueOf} Of a queue for dead letters it is asked for that alone. */
      const deadLetters = (arn) => {
        const queue = queueOf?.(arn);
        if (!queue) return undefined;
        const enqueue = (/** @type {SqsMessage} */ message) => {
          remove(message.messageId);
          queue.enqueue(message);
        };
        return /** @type {SqsQueue} */ ({ enqueue });
      };
      const received = dequeue.call(queue, most, timeout, queueOf && deadLetters);
      for (const { ReceiptHandle } of received) {
        const entry = queue.inflightMessages.get(ReceiptHandle);
        if (entry) keep(entry.message);
      }
      return received;
    };
    queue.deleteMessage = (handle) => {
      const id = queue.inflightMessages.get(handle)?.message.messageId;
      if (id !== undefined) remove(id);
      return deleteMessage.call(queue, handle);
    };
    queue.purge = () => {
      const { ready, delayed, inflight } = queue.inspectMessages();
      for (const { messageId } of [...ready, ...delayed, ...inflight.map(({ message }) => message)]) remove(messageId);
      purge.call(queue);
    };
  }
}

/**
 * Takes a message out of a queue, as if it had never been sent.
 *
 * @param {SqsQueue} queue
 * @param {SqsMessage} message
 */
function drop(queue, message) {
  const others = (/** @type {SqsMessage[]} */ messages) => messages.filter((other) => other !== message);
  queue.messages = others(queue.messages);
  queue.delayedMessages = others(queue.delayedMessages);
  for (const [handle, entry] of queue.inflightMessages)
    if (entry.message === message) queue.inflightMessages.delete(handle);
}

/** @param {Uint8Array} text */
const parse = (text) => JSON.parse(Buffer.from(text).toString());
