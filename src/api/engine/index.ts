export { connectEngine, type EngineAddress } from './connect.ts';
export { codeOf, retried, told } from './deliver.ts';
export { createEngine, workflowIdOf, type EngineParts } from './engine.ts';
export { createEngineView } from './view.ts';
export { reach } from './reach.ts';
