export { config as default } from './scripts/layers.ts';
