// The worker that trains: its messages are orders, and it posts messages. A channel calls it back after waiting messages.

import type { Message, Order } from "./message.ts";
import { Trainer } from "./trainer.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(message: Message): void;
}

const scope = globalThis as unknown as Scope;
const { port1: calls, port2: called } = new MessageChannel();
const waiting: (() => void)[] = [];

called.onmessage = () => {
  for (const callback of waiting.splice(0)) callback();
};

const trainer = new Trainer({
  post: (message) => scope.postMessage(message),
  defer(callback, delay = 0) {
    // Timers of hosts are not below 4 ms, nor exact: a slice of training is sooner.
    if (delay >= 4) {
      setTimeout(callback, delay);
      return;
    }
    waiting.push(callback);
    calls.postMessage(undefined);
  },
  now: () => performance.now(),
});

scope.onmessage = ({ data }) => {
  void trainer.order(data);
};
