/** The door of the workflow bundle: one export a workflow type. */
export { session } from './session/session.ts';
