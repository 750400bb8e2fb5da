/** The queues of the engine: workflows, what any host can do, and for each turn's host its control. */
export const WORKFLOW_QUEUE = 'tack-wf';
export const POOL_QUEUE = 'tack-pool';
/** Never behind a turn: what is said to the turns of a host. */
export const controlQueueOf = (host_queue: string): string => `${host_queue}-ctl`;
