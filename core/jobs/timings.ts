/** Seconds a worker has a job before it must have said something; after that another may take it up. */
export const leaseSeconds = 15;

/** Seconds the queue is given to hand out a job before the sweep puts it there once more. */
export const graceSeconds = 5;

/** Milliseconds that a request waits for the queue; what it has not taken by then, the sweep brings it. */
export const queueTimeoutMs = 2_000;
