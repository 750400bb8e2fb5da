/** The door of the store. */
export { openStore, type Store } from './open.ts';
