/** Seconds a worker has a job before it must have said something; after that another may take it up. */
export const leaseSeconds = 15;

/** Seconds the queue is given to hand out a job before the sweep takes it for forgotten. */
export const graceSeconds = 10;

/** Seconds between two sweeps of a job that has been queued for long. */
export const longestGraceSeconds = 60;
